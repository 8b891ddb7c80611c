import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NAME = 'mlx-router';

/**
 * A folder of this user alone that outlives the process: `$XDG_CACHE_HOME/mlx-router`, else below `~/.cache`, else below
 * the temporary folder; undefined where there is none. Nobody else may write to it, for files in it are loaded as code.
 */
export function privateFolder(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  return [
    join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), NAME),
    join(tmpdir(), `${NAME}-${process.getuid?.()}`),
  ].find(isOurs);
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
