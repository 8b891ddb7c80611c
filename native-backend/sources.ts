import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What the sources of the addon are now; null where there are none. The set-up notes the same hash when it has built. */
export function sourcesHash(folder: string): string | null {
  const files = filesBelow(folder);
  if (files.length === 0) return null;
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${relative(folder, file).replaceAll('\\', '/')}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Whether the addon was built from other sources than those beside it: `noted` is the hash of when it was built. */
export function isOlderThanSources(addon: string, folder: string, noted: string | undefined): boolean {
  const built = statSync(addon).mtimeMs;
  // Their times are asked for much faster than their contents are read, but a checkout touches files without changing them.
  if (!filesBelow(folder).some((file) => statSync(file).mtimeMs > built)) return false;
  return sourcesHash(folder) !== noted;
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    return [];
  }
}
