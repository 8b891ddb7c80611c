import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { renamed } from './hub-claims.ts';

/** Puts a blob where the snapshot has the file: as a link, or as a copy where there are no links. */
export async function linkBlob(blob: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await replace(target, (path) => symlink(relative(dirname(target), blob), path).catch(() => copyFile(blob, path)));
}

/** A file that others see whole or not at all. */
export async function writeAtomically(target: string, text: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await replace(target, (path) => writeFile(path, text));
}

async function replace(target: string, make: (path: string) => Promise<void>): Promise<void> {
  const path = `${target}.${randomUUID()}`;
  try {
    await make(path);
    await rename(path, target);
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * Removes a blob of another size. It is renamed first, and put back if it has the right size after all: another process
 * may have replaced it meanwhile.
 */
export async function removeDamaged(blob: string, size: number): Promise<void> {
  const found = await stat(blob).catch(() => undefined);
  if (found === undefined || found.size === size) return;
  const aside = `${blob}.${randomUUID()}`;
  if (!(await renamed(blob, aside))) return;
  if (await hasSize(aside, size)) await rename(aside, blob);
  else await rm(aside, { force: true });
}

export async function hasSize(path: string, size: number): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.size === size;
}
