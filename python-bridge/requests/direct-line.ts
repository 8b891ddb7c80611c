import { closeSync, constants, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { net } from '../../foundation/system/late-modules.ts';
import { encodeHead, type Frame, FrameDecoder, FrameType } from '../wire/frames.ts';
import { pack } from '../wire/msgpack.ts';
import type { Call } from './call.ts';

/** PIPE_BUF, up to which a write is whole or not at all. */
const MOST_BYTES = process.platform === 'linux' ? 4096 : 512;
const CHUNK_BYTES = 64 * 1024;
const RING = encodeHead(FrameType.RING, 0, pack({}), 0, MOST_BYTES);

/** Whether a pipe can be read; blocks for so many milliseconds at most until it can. */
export type IsReadable = (descriptor: number, milliseconds: number) => boolean;

/** Who takes what comes. */
export interface Receiver {
  frame(frame: Frame): void;
  /** What came is no frame. */
  broken(reason: string): void;
}

/** Two FIFOs to the main thread of one worker, past the I/O thread, for frames of few bytes. */
export class DirectLine {
  readonly #receiver: Receiver;
  readonly #requests: number;
  readonly answers: number;
  /** A second descriptor of the answers, which belongs to the socket once there is one. */
  readonly #attended: number;
  readonly #decoder: FrameDecoder;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #frames: Frame[] = [];
  #socket: Socket | null = null;
  #closed = false;
  /** Whether there is any sense in looking. */
  open = true;
  /** What went along the line and has no answer, with the type of its frame. */
  readonly calls = new Map<Call, number>();
  /** Callbacks that came along the line and are not answered, with the calls that they are part of. */
  readonly callbacks = new Map<number, Call | undefined>();
  /** The worker has asked to look since this was last cleared. */
  rung = false;

  /** Opens what the worker has made in that folder, and removes the names; throws where that cannot be. */
  constructor(folder: string, maxFrameBytes: number, receiver: Receiver) {
    this.#receiver = receiver;
    this.#decoder = new FrameDecoder(maxFrameBytes);
    const opened: number[] = [];
    const open = (name: string, mode: number): number => {
      const descriptor = openSync(join(folder, name), mode | constants.O_NONBLOCK);
      opened.push(descriptor);
      return descriptor;
    };
    try {
      this.answers = open('answers', constants.O_RDONLY);
      this.#attended = open('answers', constants.O_RDONLY);
      this.#requests = open('requests', constants.O_WRONLY);
    } catch (error) {
      opened.forEach(closeSync);
      throw error;
    } finally {
      for (const name of ['answers', 'requests']) rmSync(join(folder, name), { force: true });
    }
  }

  /** Sends the frames together, or, where they are too long or there is no room for them, not at all. */
  send(chunks: readonly Uint8Array[]): boolean {
    if (this.#closed) return false;
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (bytes > MOST_BYTES) return false;
    try {
      writeSync(this.#requests, chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
      return true;
    } catch {
      return false;
    }
  }

  /** The worker has rung. */
  bell(): void {
    this.rung = true;
    this.look();
  }

  /** Asks the worker to ring when it comes back to its requests. */
  ring(): boolean {
    this.rung = false;
    return this.send([RING]);
  }

  /** Takes what has come. */
  look(): void {
    while (this.open) {
      let bytes: number;
      try {
        bytes = readSync(this.answers, this.#chunk);
      } catch {
        return;
      }
      if (bytes === 0) this.open = false;
      this.#take(this.#chunk.subarray(0, bytes));
      if (bytes < CHUNK_BYTES) return;
    }
  }

  /** From now on the event loop looks too, which keeps no process running. */
  attend(): void {
    if (this.#socket !== null || this.#closed) return;
    const socket = new (net().Socket)({ fd: this.#attended, readable: true, writable: false });
    this.#socket = socket;
    socket.on('error', () => undefined).on('data', (chunk) => this.#take(chunk));
    socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.open = false;
    closeSync(this.answers);
    closeSync(this.#requests);
    if (this.#socket === null) closeSync(this.#attended);
    else this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) this.#frames.push(frame);
    } catch (error) {
      this.open = false;
      this.#receiver.broken(error instanceof Error ? error.message : String(error));
      return;
    }
    // A frame may run code that looks by itself.
    for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift())
      this.#receiver.frame(frame);
  }
}
