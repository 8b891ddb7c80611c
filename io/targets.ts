import { Writable } from 'node:stream';
import { types } from 'node:util';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { checkReceivers } from '../foundation/errors/receivers.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { disregard } from '../registry/arguments/promises.ts';
import { writeAtomically, writeAtomicallyAsync } from './atomic.ts';
import { checkedPath, fileError, isPath, withExtension } from './paths.ts';
import { type AsyncSink, runWriting, runWritingAsync, type Writing } from './writing.ts';

/** A file in memory to save to, as Python's `io.BytesIO`; `mx.load(file.bytes())` reads it. */
export class MemoryFile {
  #chunks: Buffer[] = [];

  /** Adds bytes at the end. */
  write(bytes: Uint8Array): void {
    if (!types.isUint8Array(bytes)) {
      throw new ArgumentError(`expected bytes, a Uint8Array, received ${describeValue(bytes)}`, {
        operation: 'mx.MemoryFile.write',
      });
    }
    this.#chunks.push(Buffer.from(bytes));
  }

  /** Everything written so far. */
  bytes(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  static {
    checkReceivers(MemoryFile.prototype, 'mx.MemoryFile', (value) => value instanceof MemoryFile && #chunks in value);
  }
}

export type SaveTarget = string | URL | MemoryFile;
/** The promise forms also write to a stream, at its own pace, and leave it open. */
export type AsyncSaveTarget = SaveTarget | Writable;

/** Writes to the target, a file getting the extension where it has none. */
export function saveTo(target: unknown, extension: string, writing: () => Writing, operation: string): void {
  if (isPath(target)) {
    const path = withExtension(checkedPath(target, operation), extension);
    try {
      writeAtomically(path, (sink) => runWriting(sink, writing()));
    } catch (error) {
      throw fileError(error, path, '', operation);
    }
    return;
  }
  if (!(target instanceof MemoryFile)) throw wrongTarget(target, 'a path, a file: URL or an mx.MemoryFile', operation);
  saveToMemory(target, writing);
}

export async function saveToAsync(
  target: unknown,
  extension: string,
  writing: () => Writing,
  operation: string,
): Promise<void> {
  if (isPath(target)) {
    const path = withExtension(checkedPath(target, operation), extension);
    try {
      await writeAtomicallyAsync(path, (sink) => runWritingAsync(sink, writing()));
    } catch (error) {
      throw fileError(error, path, '', operation);
    }
    return;
  }
  if (target instanceof Writable) {
    try {
      await withStream(target, (sink) => runWritingAsync(sink, writing()));
    } catch (error) {
      throw fileError(error, 'the stream', '', operation);
    }
    return;
  }
  if (!(target instanceof MemoryFile)) {
    throw wrongTarget(target, 'a path, a file: URL, an mx.MemoryFile or a Writable stream', operation);
  }
  const chunks = new MemoryFile();
  await runWritingAsync({ write: async (bytes) => chunks.write(bytes) }, writing());
  target.write(chunks.bytes());
}

/** Nothing reaches the file in memory unless all of it does. */
function saveToMemory(target: MemoryFile, writing: () => Writing): void {
  const chunks = new MemoryFile();
  runWriting(chunks, writing());
  target.write(chunks.bytes());
}

function wrongTarget(target: unknown, expected: string, operation: string): ArgumentError {
  return new ArgumentError(`expected ${expected} for "file", received ${describeValue(target)}`, { operation });
}

/** One chunk at a time: the next is made when the stream has taken the last. A stream that is destroyed ends the writing. */
async function withStream(stream: Writable, use: (sink: AsyncSink) => Promise<void>): Promise<void> {
  let fail: (error: Error) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // The reader of the next chunk gets it; without a reader it may be dropped.
  disregard(ended);
  const onClose = () => fail(new Error('it was closed before everything was written'));
  stream.on('error', fail);
  stream.on('close', onClose);
  if (stream.destroyed || stream.writableEnded) onClose();
  const write = (bytes: Uint8Array) =>
    Promise.race([
      ended,
      new Promise<void>((done, failed) => {
        stream.write(Buffer.from(bytes), (error) => (error ? failed(error) : done()));
      }),
    ]);
  try {
    await use({ write });
  } finally {
    stream.off('close', onClose);
    // An error event without a listener would end the process; it may follow the failed write.
    if (stream.errored === null && !stream.destroyed) stream.off('error', fail);
  }
}
