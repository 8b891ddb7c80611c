import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { pruneKernels } from './kernel-pruning.ts';

const NAME = 'mlx-router';

let found: string | null | undefined;

/**
 * A folder of this user alone for the kernels that MLX compiles: `$XDG_CACHE_HOME/mlx-router`, else below `~/.cache`, else
 * below the temporary folder. undefined where there is none, and on macOS, whose temporary folder is the user's own.
 */
export function kernelFolder(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (found === undefined) {
    found = candidates().find(isOurs) ?? null;
    if (found !== null) pruneKernels(found);
  }
  return found ?? undefined;
}

function candidates(): string[] {
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  return [
    join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), NAME),
    join(tmpdir(), `${NAME}-${process.getuid?.()}`),
  ];
}

/** Makes the folder where it is missing. What is another user's, or a link, is not taken. */
function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const facts = lstatSync(folder);
    if (!facts.isDirectory() || facts.uid !== process.getuid?.()) return false;
    if ((facts.mode & 0o077) !== 0) chmodSync(folder, 0o700);
    return true;
  } catch {
    return false;
  }
}
