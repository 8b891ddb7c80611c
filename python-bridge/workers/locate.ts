import { isAbsolute, join } from 'node:path';
import { builtFiles } from '../../foundation/system/built-files.ts';
import { isExecutable, onPath } from '../../foundation/system/executables.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';

/** Where the interpreter was found, and what set-up has put beside it. */
export interface PythonLocation {
  /** null: nowhere. */
  readonly python: string | null;
  /** What named it, or every place that was tried. */
  readonly source: string;
  /** The library with OpenBLAS under its plain names; null: what MLX has itself. */
  readonly blas: string | null;
  /**
   * The library that stands before MLX and guards it, and which MLX it was built for: the folder of its libraries, or a
   * package of Python with `==` and its version; null: none.
   */
  readonly guards: { readonly library: string; readonly mlx: string } | null;
  /** The entry of a worker. */
  readonly script: string;
}

/**
 * Looks, in this order, at the option, `MLX_ROUTER_PYTHON`, what set-up wrote, `.venv`, the environment that a shell has
 * activated, and `PATH`.
 */
export function locatePython(option: string | undefined, root: string = packageRoot()): PythonLocation {
  const built = builtFiles(root);
  const rest = {
    guards: built?.guards ?? null,
    blas: process.env['MLX_ROUTER_BLAS'] ?? built?.blasShim ?? null,
    script: join(root, 'python', 'mlx_worker.py'),
  };
  // What the caller names is not replaced by something else where it is missing.
  for (const [source, named] of [
    ['the option "pythonPath"', option],
    ['MLX_ROUTER_PYTHON', process.env['MLX_ROUTER_PYTHON']],
  ] as const) {
    if (named === undefined || named === '') continue;
    const found = named.includes('/') || isAbsolute(named) ? named : onPath(named);
    if (found !== null && isExecutable(found)) return { python: found, source, ...rest };
    return { python: null, source: `${source} says ${named}, which is no executable file`, ...rest };
  }
  const places = [
    ['build/setup.json', built?.python ?? null],
    ['.venv', join(root, '.venv', 'bin', 'python')],
    ['VIRTUAL_ENV', activated('VIRTUAL_ENV')],
    ['CONDA_PREFIX', activated('CONDA_PREFIX')],
    ['PATH', onPath('python3')],
  ] as const;
  for (const [source, path] of places) {
    if (path !== null && isExecutable(path)) return { python: path, source, ...rest };
  }
  return {
    python: null,
    source: 'looked in MLX_ROUTER_PYTHON, build/setup.json, .venv, VIRTUAL_ENV, CONDA_PREFIX and PATH',
    ...rest,
  };
}

/** The interpreter of an environment that a variable names. */
function activated(variable: string): string | null {
  const folder = process.env[variable];
  return folder ? join(folder, 'bin', 'python') : null;
}
