import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../native-backend/sources.mjs';
import { paths, root } from './paths.mjs';

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
