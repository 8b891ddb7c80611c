// Builds the addon of the benchmark into build/handles, against what `scripts/setup.mjs` has put into build/.
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Setup {
  readonly python: string;
  readonly mlxLibDir: string;
}

function setup(): Setup {
  try {
    return JSON.parse(readFileSync(`${root}build/setup.json`, 'utf8')) as Setup;
  } catch (cause) {
    throw new Error('build/setup.json is missing: run `node scripts/setup.mjs` first', { cause });
  }
}

/** Builds what is out of date; returns the Python interpreter that has MLX. */
export function buildAddon(): string {
  const { python, mlxLibDir } = setup();
  const folder = `${root}build/handles`;
  const settings = {
    MLX_LIBRARIES: `${root}${mlxLibDir}`,
    MLX_C: `${root}build/mlx-c`,
    NODE_API_HEADERS: `${root}node_modules/node-api-headers/include`,
  };
  const definitions = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const options: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync('cmake', ['-S', `${root}bench/handles`, '-B', folder, ...definitions], options);
  execFileSync('cmake', ['--build', folder], options);
  return `${root}${python}`;
}
