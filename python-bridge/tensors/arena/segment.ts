import { closeSync, openSync, readSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder, sweepOnce } from '../../../foundation/system/temporary-folder.ts';
import type { Region } from './regions.ts';

/** What only native code can do with memory; the wiring passes the native addon's. */
export interface Memory {
  /** Maps the first bytes of an open file. */
  map(descriptor: number, bytes: number): ArrayBuffer;
  /** Zeros, in memory that is fast to fill. */
  allocate(bytes: number): ArrayBuffer;
}

/** How many bytes a folder in memory can take; throws where there is no such folder. */
export function capacityOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** A file in memory that this process shares with one worker. Its name is removed as soon as the worker has opened it. */
export class Segment {
  readonly path: string;
  readonly bytes: number;
  readonly #folder: string;
  readonly #descriptor: number;
  #mapped: Uint8Array<ArrayBuffer> | null = null;
  #allocate = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes);

  /** Makes an empty file that only this user can open. The worker gives it its bytes, which may fail. */
  constructor(folder: string, bytes: number) {
    this.bytes = bytes;
    // What was left there would keep its memory.
    sweepOnce(folder);
    this.#folder = makeTemporaryFolder(folder);
    this.path = join(this.#folder, 'arena');
    try {
      this.#descriptor = openSync(this.path, 'wx+', 0o600);
    } catch (error) {
      this.#unlink();
      throw error;
    }
  }

  /** The worker has the file. Maps it here too; without `memory` the file is read and written. */
  settle(memory: Memory | undefined): void {
    this.#unlink();
    if (memory === undefined) return;
    this.#mapped = new Uint8Array(memory.map(this.#descriptor, this.bytes));
    this.#allocate = memory.allocate;
  }

  write({ offset }: Region, bytes: Uint8Array): void {
    if (this.#mapped !== null) {
      this.#mapped.set(bytes, offset);
      return;
    }
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
  }

  /** A copy, in memory of its own. */
  read({ offset, bytes }: Region): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#allocate(bytes));
    if (this.#mapped !== null) {
      copy.set(this.#mapped.subarray(offset, offset + bytes));
      return copy;
    }
    let done = 0;
    while (done < bytes) {
      const count = readSync(this.#descriptor, copy, done, bytes - done, offset + done);
      if (count === 0) throw new RangeError('the shared memory is shorter than it was made');
      done += count;
    }
    return copy;
  }

  /** The memory itself goes when the worker has released it, too. */
  close(): void {
    this.#mapped = null;
    this.#unlink();
    closeSync(this.#descriptor);
  }

  #unlink(): void {
    removeTemporaryFolder(this.#folder);
  }
}
