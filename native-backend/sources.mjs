// Plain JavaScript, for the set-up runs before there is anything that runs TypeScript.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Every file below `path` (or `path` itself), sorted, so that a hash of them is stable.
 * @param {string} path
 * @returns {string[]}
 */
export function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/**
 * The hash of the addon's sources, or null where there are none. The set-up notes it when it has built them.
 * @param {string} folder
 * @returns {string | null}
 */
export function sourcesHash(folder) {
  const files = filesBelow(folder);
  if (files.length === 0) return null;
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${relative(folder, file).replaceAll('\\', '/')}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * Whether the addon was built from other sources than those beside it: `noted` is the hash of when it was built.
 * @param {string} addon
 * @param {string} folder
 * @param {string | undefined} noted
 * @returns {boolean}
 */
export function isOlderThanSources(addon, folder, noted) {
  const built = statSync(addon).mtimeMs;
  // Their times are asked for much faster than their contents are read, but a checkout touches files without changing them.
  if (!filesBelow(folder).some((file) => statSync(file).mtimeMs > built)) return false;
  return sourcesHash(folder) !== noted;
}
