import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onPath } from './executables.ts';

/** What names a place of Python's packages, for messages. */
export const SITE_SOURCES =
  'PYTHONPATH, MLX_ROUTER_PYTHON, .venv, VIRTUAL_ENV, CONDA_PREFIX, PATH, /usr/local and ~/.local';

/**
 * The folders that hold packages of Python, in the order in which workers look for their interpreter, then those of the
 * system, below `system`, and of the user. Starts no interpreter, which would take longer than all else that loading does.
 */
export function pythonSites(root: string, system: string): string[] {
  const named = process.env['MLX_ROUTER_PYTHON'] || null;
  const program = named === null || named.includes('/') ? named : onPath(named);
  const python = onPath('python3');
  const prefixes = [
    prefixOf(program),
    join(root, '.venv'),
    process.env['VIRTUAL_ENV'],
    process.env['CONDA_PREFIX'],
    prefixOf(python),
    prefixOf(real(python)),
    system,
    join(homedir(), '.local'),
  ].filter((prefix): prefix is string => Boolean(prefix));
  const path = (process.env['PYTHONPATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const sites = [...path, ...prefixes.flatMap(sitesBelow)].map(real);
  return [...new Set(sites.filter((site): site is string => site !== null))];
}

function prefixOf(program: string | null): string | null {
  return program === null ? null : dirname(dirname(program));
}

function sitesBelow(prefix: string): string[] {
  return ['lib', 'lib64'].flatMap((lib) =>
    namesIn(join(prefix, lib))
      .filter((name) => /^python3(\.\d+)?$/.test(name))
      .flatMap((name) => ['site-packages', 'dist-packages'].map((kind) => join(prefix, lib, name, kind))),
  );
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function real(path: string | null): string | null {
  try {
    return path === null ? null : realpathSync(path);
  } catch {
    return null;
  }
}
