// Which commands make the environment of the workers.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UsageError } from '../command.ts';
import { root } from '../package.ts';
import { type EXTRAS, lockPath } from './environment.ts';

export const DEVICES = ['cpu', 'cuda', 'metal'] as const;

export type Device = (typeof DEVICES)[number];

export interface InstallRequest {
  readonly device: Device;
  readonly extras: readonly (typeof EXTRAS)[number][];
  /** Where the environment is made; undefined: where the library looks for it by itself. */
  readonly folder?: string;
  /** Into the environment that is active instead: `VIRTUAL_ENV`, or conda's. */
  readonly active: boolean;
}

export interface InstallPlan {
  readonly tool: 'uv' | 'venv';
  readonly folder: string;
  readonly python: string;
  /** The commands, in order; none that makes an environment where one is there. */
  readonly steps: ReadonlyArray<readonly [command: string, ...args: string[]]>;
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The environment that a shell has activated, and what named it. */
export function activeEnvironment(): { readonly folder: string; readonly source: string } | undefined {
  for (const source of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const folder = process.env[source];
    if (folder) return { folder, source };
  }
  return undefined;
}

/** Which build of MLX fits this machine. */
export function deviceOfMachine(): Device {
  if (process.platform === 'darwin') return 'metal';
  const listed = spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8', timeout: 10_000 });
  return listed.stdout?.includes('GPU 0') ? 'cuda' : 'cpu';
}

function placeOf({ folder, active }: InstallRequest): { readonly folder: string; readonly made: boolean } {
  if (active) {
    const found = activeEnvironment();
    if (found === undefined)
      throw new UsageError('--active: neither VIRTUAL_ENV nor CONDA_PREFIX names an environment');
    return { folder: found.folder, made: true };
  }
  const place = folder ?? join(root, '.venv');
  const made = existsSync(join(place, 'pyvenv.cfg'));
  if (!made && existsSync(place) && readdirSync(place).length > 0) {
    throw new UsageError(
      `${place} holds something else than an environment of Python; name another folder with --path`,
    );
  }
  return { folder: place, made };
}

/** What is to be run: with uv where it is there, else with Python's own venv and pip; every file by its hash. */
export function planInstall(request: InstallRequest): InstallPlan {
  const { folder, made } = placeOf(request);
  const python = join(folder, 'bin', 'python');
  const uv = onPath('uv');
  const base = process.env['PYTHON'] || onPath('python3');
  if (uv === undefined && base === undefined && !made) {
    throw new UsageError('neither uv nor python3 is in PATH: install one of them, or let PYTHON name a Python ≥ 3.10');
  }
  const locks = [request.device, ...request.extras].map(lockPath);
  const exact = ['--require-hashes', '--no-deps'];
  if (uv !== undefined) {
    const wanted = process.env['PYTHON'] || '>=3.10';
    return {
      tool: 'uv',
      folder,
      python,
      steps: [
        ...(made ? [] : ([[uv, 'venv', '--quiet', '--python', wanted, folder]] as const)),
        [uv, 'pip', 'install', '--quiet', '--python', python, ...exact, ...locks.flatMap((lock) => ['-r', lock])],
      ],
    };
  }
  // pip takes a package that two locks name for two wishes, so each lock has a run of its own.
  const pip = [
    python,
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    ...exact,
  ] as const;
  return {
    tool: 'venv',
    folder,
    python,
    steps: [
      ...(made ? [] : ([[base as string, '-m', 'venv', folder]] as const)),
      ...locks.map((lock) => [...pip, '-r', lock] as const),
    ],
  };
}
