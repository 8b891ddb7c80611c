import { ProtocolError } from '../../foundation/errors/errors.ts';

export const PROTOCOL_VERSION = 2;

/** What a frame asks for or answers; see `docs/protocol.md`, which also says which numbers are reserved. */
export const FrameType = {
  HELLO: 0x01,
  DEFINE: 0x02,
  CALL: 0x03,
  CREATE: 0x04,
  READ: 0x05,
  TEXT: 0x06,
  EVAL: 0x07,
  FREE: 0x08,
  RING: 0x09,
  CALLED: 0x30,
  THREW: 0x31,
  TRANSFORM: 0x32,
  ERASE: 0x33,
  MAP: 0x40,
  IMPORT: 0x50,
  GET: 0x51,
  INVOKE: 0x52,
  SET: 0x53,
  DELETE: 0x54,
  LOOK: 0x55,
  ITERATE: 0x56,
  NEXT: 0x57,
  CLOSE: 0x58,
  RELEASE: 0x59,
  BATCH: 0x5a,
  PIPELINE: 0x20,
  DESCRIBE: 0x21,
  READY: 0x81,
  RESULT: 0x82,
  ERROR: 0x83,
  BELL: 0x84,
  PIPELINED: 0xa0,
  CALLBACK: 0xb0,
  DROPPED: 0xb1,
} as const;

/** `u32 length | u8 type | u32 call | u32 header bytes`, little-endian; `length` counts what follows it. */
export const PREFIX_BYTES = 13;
const COUNTED_PREFIX = PREFIX_BYTES - 4;

export interface Frame {
  readonly type: number;
  readonly call: number;
  /** A MessagePack map, packed; no bytes stand for an empty one. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** Tensor bytes, in memory of their own. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** The bytes of a frame up to its tensor bytes. */
export function encodeHead(
  type: number,
  call: number,
  header: Uint8Array,
  payloadBytes: number,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  const length = COUNTED_PREFIX + header.length + payloadBytes;
  if (length > maxBytes) {
    throw new ProtocolError(`a frame of ${length} bytes is over the limit of ${maxBytes}; see "maxFrameBytes"`);
  }
  const bytes = new Uint8Array(PREFIX_BYTES + header.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint8(4, type);
  view.setUint32(5, call, true);
  view.setUint32(9, header.length, true);
  bytes.set(header, PREFIX_BYTES);
  return bytes;
}

/** Frames out of a stream that is cut anywhere. After a `ProtocolError` the stream is of no use any more. */
export class FrameDecoder {
  readonly #maxBytes: number;
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  readonly #view = new DataView(this.#prefix.buffer);
  #have = 0;
  #frame: Frame | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The frames that this chunk completes. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      if (this.#frame === null) {
        const count = Math.min(PREFIX_BYTES - this.#have, chunk.length - at);
        this.#prefix.set(chunk.subarray(at, at + count), this.#have);
        this.#have += count;
        at += count;
        if (this.#have < PREFIX_BYTES) return frames;
        this.#frame = this.#begin();
        this.#have = 0;
      }
      const { header, payload } = this.#frame;
      at += this.#fill(header, 0, chunk, at);
      at += this.#fill(payload, header.length, chunk, at);
      if (this.#have < header.length + payload.length) return frames;
      frames.push(this.#frame);
      this.#frame = null;
      this.#have = 0;
    }
  }

  /** Copies what belongs to `target`, which begins at byte `offset` of the body, and says how much it was. */
  #fill(target: Uint8Array, offset: number, chunk: Uint8Array, at: number): number {
    const from = this.#have - offset;
    const count = Math.min(target.length - from, chunk.length - at);
    if (from < 0 || count <= 0) return 0;
    target.set(chunk.subarray(at, at + count), from);
    this.#have += count;
    return count;
  }

  #begin(): Frame {
    const length = this.#view.getUint32(0, true);
    const headerBytes = this.#view.getUint32(9, true);
    if (length < COUNTED_PREFIX || headerBytes > length - COUNTED_PREFIX) {
      throw new ProtocolError(`a frame of ${length} bytes cannot hold a header of ${headerBytes}`);
    }
    if (length > this.#maxBytes) {
      throw new ProtocolError(`a frame of ${length} bytes is over the limit of ${this.#maxBytes}`);
    }
    return {
      type: this.#view.getUint8(4),
      call: this.#view.getUint32(5, true),
      header: new Uint8Array(headerBytes),
      payload: new Uint8Array(length - COUNTED_PREFIX - headerBytes),
    };
  }
}
