// `install-extra.ts EXTRA NAME`: installs an extra of pyproject.toml for examples and benchmarks into build/NAME/site, apart
// from what the library uses. What is there already stays.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { internals } from '../mlx/index.ts';
import { paths, root } from './setup/paths.mjs';

/**
 * Of the others only their own files are used: NumPy is in the workers' Python already, and what packages with a model
 * depend on would be compiled for minutes.
 */
const needsOthers = (requirement: string): boolean => requirement.startsWith('mlx-lm');

const [extra = '', name = ''] = process.argv.slice(2);
const site = join(paths.build, name, 'site');
const pyproject = readFileSync(join(root, 'pyproject.toml'), 'utf8');
const list = pyproject.split('\n').find((line) => line.startsWith(`${extra} = [`));
const requirements = list?.match(/"[^"]+"/g)?.map((text) => JSON.parse(text) as string);
const { python } = internals.pythonBackend.status(false).details;
if (requirements === undefined || typeof python !== 'string' || name === '') {
  console.error(`There is no Python, or no extra "${extra}" in pyproject.toml. Run "npm run setup" first.`);
  process.exit(1);
}
const note = join(site, 'installed.txt');
const installed = new Set(existsSync(note) ? readFileSync(note, 'utf8').split('\n') : []);
const missing = requirements.filter((requirement) => !installed.has(requirement));
try {
  for (const requirement of missing) {
    console.log(`Installing ${requirement} into build/${name}…`);
    const target = ['--quiet', '--upgrade', '--target', site];
    const alone = needsOthers(requirement) ? [] : ['--no-deps'];
    await execa(python, ['-m', 'pip', 'install', ...target, ...alone, requirement], { stdio: 'inherit' });
    installed.add(requirement);
    writeFileSync(note, `${[...installed].filter(Boolean).join('\n')}\n`);
  }
} catch {
  console.error('pip could not install it; what it printed says why.');
  process.exitCode = 1;
}
