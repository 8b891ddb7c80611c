import {
  close,
  closeSync,
  fsync,
  fsyncSync,
  lstatSync,
  open,
  openSync,
  promises,
  readlinkSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { crypto } from '../foundation/system/late-modules.ts';
import type { AsyncSink, Sink } from './writing.ts';

const MOST_LINKS = 40;
/** One write system call takes at most 2 GiB. */
const PIECE = 2 ** 30;
/** What a new file gets, less the process's own mask. */
const MODE = 0o666;

const asynchronous = {
  open: promisify(open),
  close: promisify(close),
  fsync: promisify(fsync),
  write: promisify(write) as (
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ) => Promise<{ bytesWritten: number }>,
};

/**
 * Writes a file whole or not at all: to a temporary file of the same folder, which takes the other's place once its
 * bytes are on the disk. A link stays, and what it points to is replaced.
 */
export function writeAtomically(path: string, use: (sink: Sink) => void): void {
  const target = finalTarget(path);
  const temporary = temporaryBeside(target);
  const descriptor = openSync(temporary, 'wx', MODE);
  try {
    try {
      use({ write: (bytes) => writeAll(descriptor, bytes) });
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

/** As `writeAtomically`, the disk's work on other threads. */
export async function writeAtomicallyAsync(path: string, use: (sink: AsyncSink) => Promise<void>): Promise<void> {
  const target = finalTarget(path);
  const temporary = temporaryBeside(target);
  const descriptor = await asynchronous.open(temporary, 'wx', MODE);
  try {
    try {
      await use({ write: (bytes) => writeAllAsync(descriptor, bytes) });
      await asynchronous.fsync(descriptor);
    } finally {
      await asynchronous.close(descriptor);
    }
    await promises.rename(temporary, target);
  } catch (error) {
    await promises.rm(temporary, { force: true });
    throw error;
  }
  await syncFolderAsync(dirname(target));
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, Math.min(PIECE, bytes.length - done));
  }
}

async function writeAllAsync(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await asynchronous.write(descriptor, bytes, done, Math.min(PIECE, bytes.length - done));
    done += bytesWritten;
  }
}

/** Short whatever the target's name is, which may be as long as a name can be. */
function temporaryBeside(target: string): string {
  return join(dirname(target), `.mlx-${crypto().randomUUID()}.tmp`);
}

/** The file behind links, there yet or not. A device, FIFO or folder must not be replaced by a file. */
function finalTarget(path: string): string {
  let target = path;
  for (let i = 0; i <= MOST_LINKS; i++) {
    const status = lstatSync(target, { throwIfNoEntry: false });
    if (status === undefined || status.isFile()) return target;
    if (!status.isSymbolicLink()) throw new Error('it is there, and is no regular file');
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw new Error('its links lead in a circle');
}

// The new name itself is safe once the folder is written; not every file system can do that, and none need do it.
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The file is there all the same.
  }
}

async function syncFolderAsync(folder: string): Promise<void> {
  try {
    const descriptor = await asynchronous.open(folder, 'r');
    try {
      await asynchronous.fsync(descriptor);
    } finally {
      await asynchronous.close(descriptor);
    }
  } catch {
    // The file is there all the same.
  }
}
