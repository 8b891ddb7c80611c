// `npm run lock-python`: writes python/locks from pyproject.toml with uv, each file of each package with its hash.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { root } from './setup/paths.mjs';

const DEVICES = ['cpu', 'cuda', 'metal'];
/** What `mlx-router python install --with` takes, and the oldest Python that it runs on. */
const EXTRAS = { 'mlx-lm': ['mlx-lm==0.32.2', '3.11'], ripser: ['ripser==0.6.15', '3.10'] } as const;

const locks = join(root, 'python', 'locks');
const common = ['--quiet', '--universal', '--generate-hashes', '--no-header', '--no-annotate', '--no-emit-index-url'];

function compile(name: string, args: readonly string[], python: string, input = ''): void {
  const to = ['--python-version', python, '--output-file', join(locks, `${name}.txt`)];
  // What an earlier lock has would be kept.
  rmSync(join(locks, `${name}.txt`), { force: true });
  execaSync('uv', ['pip', 'compile', ...common, ...args, ...to], { cwd: root, input, stderr: 'inherit' });
}

for (const device of DEVICES) compile(device, ['pyproject.toml', '--extra', device], '3.10');
// The others go into the same environment, so they take its versions.
const constraints = join(root, 'build', 'lock-constraints.txt');
const names = readFileSync(join(locks, 'cpu.txt'), 'utf8').replaceAll(/ \\$|^ +--hash.*\n/gm, '');
writeFileSync(constraints, names);
for (const [name, [requirement, python]] of Object.entries(EXTRAS)) {
  compile(name, ['-', '--constraints', constraints], python, requirement);
}
