// `npm run lock-python`: writes python/locks from pyproject.toml with uv, each file of each package with its hash.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { onPath } from '../foundation/system/executables.ts';
import { paths, root } from './setup/paths.mjs';

const DEVICES = ['cpu', 'cuda', 'metal'];
/** What `mlx-router python install --with` takes, and the oldest Python that it runs on. */
const EXTRAS = { 'mlx-lm': ['mlx-lm==0.32.2', '3.11'], ripser: ['ripser==0.6.15', '3.10'] } as const;
/** What is installed into the environment of the set-up where there is no uv. */
const UV = 'uv==0.13.9';

const locks = join(root, 'python', 'locks');
const work = join(paths.build, 'locks');
const common = ['--quiet', '--universal', '--generate-hashes', '--no-header', '--no-annotate', '--no-emit-index-url'];

function findUv(): string {
  const own = join(paths.venv, 'bin', 'uv');
  const found = onPath('uv');
  if (found !== null) return found;
  if (!existsSync(own)) {
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    execaSync(paths.venvPython, ['-m', 'pip', 'install', ...options, UV], { stdio: 'inherit' });
  }
  return own;
}

/** Written apart and moved at the end: what an earlier lock has would be kept, and a lock is whole or the earlier one. */
function compile(name: string, args: readonly string[], python: string, input = ''): void {
  const partial = join(work, `${name}.txt`);
  rmSync(partial, { force: true });
  const to = ['--python-version', python, '--output-file', partial];
  execaSync(uv, ['pip', 'compile', ...common, ...args, ...to], { cwd: root, input, stderr: 'inherit' });
  renameSync(partial, join(locks, `${name}.txt`));
}

const uv = findUv();
mkdirSync(work, { recursive: true });
for (const device of DEVICES) compile(device, ['pyproject.toml', '--extra', device], '3.10');
// The others go into the same environment, so they take its versions.
const constraints = join(work, 'constraints.txt');
const names = readFileSync(join(locks, 'cpu.txt'), 'utf8').replaceAll(/ \\$|^ +--hash.*\n/gm, '');
writeFileSync(constraints, names);
for (const [name, [requirement, python]] of Object.entries(EXTRAS)) {
  compile(name, ['-', '--constraints', constraints], python, requirement);
}
