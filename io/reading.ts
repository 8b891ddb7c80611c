import { constants } from 'node:buffer';

/** Bytes of the file, or bytes inflated: what a format's reader asks for. */
export type ReadStep =
  | { readonly kind: 'read'; readonly offset: number; readonly length: number }
  | { readonly kind: 'inflate'; readonly bytes: Buffer; readonly length: number };

/**
 * A format's reader, written once: it yields what it needs and gets it as a Buffer, from a synchronous or an
 * asynchronous source alike.
 */
export type Reading<T> = Generator<ReadStep, T, Buffer>;

/** What is wrong with a file; becomes a FileError that names file and format. */
export class Malformed extends Error {}

export function malformed(message: string, cause?: unknown): never {
  throw new Malformed(message, { cause });
}

/** Bytes inside a file of `size`; a range that lies outside is refused before anything is allocated for it. */
export function* readRange(size: number, offset: number, length: number): Reading<Buffer> {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    malformed(`it points to the bytes ${offset} to ${offset + length}`);
  }
  if (offset + length > size) malformed(`it points to the bytes ${offset} to ${offset + length} of ${size}`);
  if (length > constants.MAX_LENGTH) malformed(`it needs ${length} bytes in one piece, more than this Node can hold`);
  if (length === 0) return Buffer.alloc(0);
  return yield { kind: 'read', offset, length };
}

/** Runs a reader over bytes that are here already; what it asks to inflate is passed on. */
export function* readFrom<T>(bytes: Buffer, reading: Reading<T>): Reading<T> {
  let next = reading.next();
  while (next.done !== true) {
    const step = next.value;
    next = reading.next(step.kind === 'read' ? bytes.subarray(step.offset, step.offset + step.length) : yield step);
  }
  return next.value;
}
