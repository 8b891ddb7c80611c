// Installs an extra of pyproject.toml for examples and benchmarks of language models, `chat-demo` or `bench`, into a folder
// apart from what the library uses: mlx_lm, a model of 135 million weights, an encoder.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { internals } from '../mlx/index.ts';
import { paths, root } from './setup/paths.mjs';

const SITE = join(paths.build, 'models', 'site');
/** Of a package with a model only its files are used: what it depends on would be compiled for minutes. */
const isModel = (requirement: string): boolean => !requirement.startsWith('mlx-lm');

const name = process.argv[2] ?? 'bench';
const pyproject = readFileSync(join(root, 'pyproject.toml'), 'utf8');
const list = pyproject.split('\n').find((line) => line.startsWith(`${name} = [`));
const requirements = list?.match(/"[^"]+"/g)?.map((text) => JSON.parse(text) as string);
const { python } = internals.pythonBackend.status(false).details;
if (requirements === undefined || typeof python !== 'string') {
  console.error(`There is no Python, or no extra "${name}" in pyproject.toml. Run "npm run setup" first.`);
  process.exit(1);
}
const note = join(SITE, 'installed.txt');
const installed = new Set(existsSync(note) ? readFileSync(note, 'utf8').split('\n') : []);
const missing = requirements.filter((requirement) => !installed.has(requirement));
try {
  for (const requirement of missing) {
    console.log(`Installing ${requirement} into build/models…`);
    const target = ['--quiet', '--upgrade', '--target', SITE];
    const alone = isModel(requirement) ? ['--no-deps'] : [];
    await execa(python, ['-m', 'pip', 'install', ...target, ...alone, requirement], { stdio: 'inherit' });
    installed.add(requirement);
    writeFileSync(note, `${[...installed].filter(Boolean).join('\n')}\n`);
  }
} catch {
  console.error('pip could not install it; what it printed says why.');
  process.exitCode = 1;
}
