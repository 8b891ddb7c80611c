import {
  close,
  closeSync,
  fstat,
  fstatSync,
  constants as modes,
  open,
  openSync,
  read,
  readSync,
  type Stats,
} from 'node:fs';
import { promisify } from 'node:util';
import { zlib } from '../foundation/system/late-modules.ts';
import { Malformed, malformed, type Reading, type ReadStep } from './reading.ts';

/** Something to load from: a file, or bytes in memory. */
export interface Source {
  /** How errors name it. */
  readonly label: string;
  readonly size: number;
  /** The open file, where there is one: its arrays can be read when they are needed. */
  readonly descriptor: number | null;
  /** The bytes themselves, where they are in memory. */
  readonly bytes: Buffer | null;
}

// Without O_NONBLOCK the opening of a FIFO would block until another process writes to it.
const FLAGS = modes.O_RDONLY | (modes.O_NONBLOCK ?? 0);
/** One read system call takes at most 2 GiB. */
const PIECE = 2 ** 30;

const asynchronous = {
  open: promisify(open),
  close: promisify(close),
  stat: promisify(fstat) as (descriptor: number) => Promise<Stats>,
  read: promisify(read),
};

export function bytesSource(view: ArrayBufferView | ArrayBuffer): Source {
  const bytes = ArrayBuffer.isView(view)
    ? Buffer.from(view.buffer, view.byteOffset, view.byteLength)
    : Buffer.from(view);
  return { label: 'the data', size: bytes.length, descriptor: null, bytes };
}

function fileSource(path: string, descriptor: number, status: Stats): Source {
  if (!status.isFile()) malformed('it is no regular file');
  return { label: path, size: status.size, descriptor, bytes: null };
}

/** Opens the file for as long as `use` runs. */
export function withFile<T>(path: string, use: (source: Source) => T): T {
  const descriptor = openSync(path, FLAGS);
  try {
    return use(fileSource(path, descriptor, fstatSync(descriptor)));
  } finally {
    closeSync(descriptor);
  }
}

export async function withFileAsync<T>(path: string, use: (source: Source) => Promise<T>): Promise<T> {
  const descriptor = await asynchronous.open(path, FLAGS);
  try {
    return await use(fileSource(path, descriptor, await asynchronous.stat(descriptor)));
  } finally {
    await asynchronous.close(descriptor);
  }
}

export function runReading<T>(source: Source, reading: Reading<T>): T {
  let next = reading.next();
  while (next.done !== true) next = reading.next(perform(source, next.value));
  return next.value;
}

export async function runReadingAsync<T>(source: Source, reading: Reading<T>): Promise<T> {
  let next = reading.next();
  while (next.done !== true) next = reading.next(await performAsync(source, next.value));
  return next.value;
}

function perform(source: Source, step: ReadStep): Buffer {
  if (step.kind === 'inflate') {
    return inflated(step.length, () => zlib().inflateRawSync(step.bytes, limits(step.length)));
  }
  if (source.bytes !== null) return source.bytes.subarray(step.offset, step.offset + step.length);
  const target = Buffer.allocUnsafeSlow(step.length);
  for (let done = 0; done < step.length; ) {
    const length = Math.min(PIECE, step.length - done);
    done += moved(readSync(source.descriptor as number, target, done, length, step.offset + done));
  }
  return target;
}

async function performAsync(source: Source, step: ReadStep): Promise<Buffer> {
  if (step.kind === 'inflate') {
    const inflate = promisify(zlib().inflateRaw) as (bytes: Buffer, options: object) => Promise<Buffer>;
    const bytes = await inflate(step.bytes, limits(step.length)).catch((error: unknown) =>
      malformed('its compressed data cannot be inflated', error),
    );
    return inflated(step.length, () => bytes);
  }
  if (source.bytes !== null) return perform(source, step);
  const target = Buffer.allocUnsafeSlow(step.length);
  for (let done = 0; done < step.length; ) {
    const length = Math.min(PIECE, step.length - done);
    done += moved(
      (await asynchronous.read(source.descriptor as number, target, done, length, step.offset + done)).bytesRead,
    );
  }
  return target;
}

function moved(count: number): number {
  return count > 0 ? count : malformed('it became shorter while it was read');
}

/** zlib gives up at the declared length, so data that inflates to more than it says never gets memory. */
function limits(length: number): { maxOutputLength: number } {
  return { maxOutputLength: Math.max(1, length) };
}

function inflated(length: number, run: () => Buffer): Buffer {
  let bytes: Buffer;
  try {
    bytes = run();
  } catch (error) {
    if (error instanceof Malformed) throw error;
    return malformed('its compressed data cannot be inflated', error);
  }
  return bytes.length === length ? bytes : malformed(`its compressed data has ${bytes.length} bytes, not ${length}`);
}
