import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { paths, root } from './paths.mjs';

/** Every file below `path` (or `path` itself), sorted, so that a hash of them is stable. */
export function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/**
 * The hash of everything that a step's result depends on.
 * @param {{ values?: unknown[], files?: string[] }} inputs plain values; files and folders whose content counts
 */
export function hashInputs({ values = [], files = [] }) {
  const hash = createHash('sha256');
  // A virtual environment and a CMake cache hold absolute paths, so a moved checkout is a new one.
  hash.update(JSON.stringify([root, process.platform, process.arch, ...values]));
  for (const file of files.flatMap(filesBelow)) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * The hash of the addon's sources, or null where there are none. The loader computes the same in
 * native-backend/sources.ts, and tells from it whether the addon is older than they are.
 */
export function sourcesHash(folder) {
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

const stampPath = (name) => join(paths.stamps, `${name}.json`);

/** What the step recorded when it last finished with these inputs, or undefined. */
export function readStamp(name, hash) {
  try {
    const stamp = JSON.parse(readFileSync(stampPath(name), 'utf8'));
    return stamp.hash === hash ? stamp.result : undefined;
  } catch {
    return undefined;
  }
}

export function clearStamp(name) {
  rmSync(stampPath(name), { force: true });
}

export function writeStamp(name, hash, result) {
  mkdirSync(paths.stamps, { recursive: true });
  writeWhole(stampPath(name), `${JSON.stringify({ hash, result }, undefined, 2)}\n`);
}

/** Writes a file so that an interruption leaves the old one or the new one, never half of it. */
export function writeWhole(path, text) {
  const partial = `${path}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, path);
}
