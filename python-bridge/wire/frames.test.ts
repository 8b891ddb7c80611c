import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../foundation/errors/errors.ts';
import { encodeHead, type Frame, FrameDecoder, FrameType, PREFIX_BYTES } from './frames.ts';
import { type Header, pack, unpack } from './msgpack.ts';

interface Vector {
  readonly name: string;
  readonly from: 'node' | 'python';
  readonly type: number;
  readonly call: number;
  readonly header: Header;
  readonly payload: string;
  readonly hex: string;
}

const vectors = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as Vector[];
const LIMIT = 2 ** 20;
const everything = Buffer.concat(vectors.map(({ hex }) => Buffer.from(hex, 'hex')));

function decode(bytes: Uint8Array, step: number): Frame[] {
  const decoder = new FrameDecoder(LIMIT);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += step) frames.push(...decoder.push(bytes.subarray(at, at + step)));
  return frames;
}

function head(length: number, headerBytes: number): Uint8Array {
  const bytes = Buffer.alloc(PREFIX_BYTES);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE(headerBytes, 9);
  return bytes;
}

describe('the shared vectors', () => {
  it.each(vectors)('reads $name', ({ type, call, header, payload, hex }) => {
    const [frame] = decode(Buffer.from(hex, 'hex'), LIMIT);
    expect(frame).toMatchObject({ type, call });
    expect(unpack(frame?.header ?? new Uint8Array())).toEqual(header);
    expect(Buffer.from(frame?.payload ?? []).toString('hex')).toBe(payload);
  });

  it.each(vectors.filter(({ from }) => from === 'node'))('writes $name', ({ type, call, header, payload, hex }) => {
    const bytes = encodeHead(type, call, pack(header), payload.length / 2, LIMIT);
    expect(Buffer.from(bytes).toString('hex') + payload).toBe(hex);
  });

  it('cover every type of frame', () => {
    expect(new Set(vectors.map(({ type }) => type))).toEqual(new Set(Object.values(FrameType)));
  });
});

describe('a stream that is cut anywhere', () => {
  it.each([1, 2, 3, 7, 12, 13, 14, 64, 1000])('gives the same frames in chunks of %i bytes', (step) => {
    expect(decode(everything, step)).toEqual(decode(everything, everything.length));
    expect(decode(everything, step)).toHaveLength(vectors.length);
  });

  it('gives tensor bytes memory of their own', () => {
    const [frame] = decode(Buffer.from(vectors.find(({ name }) => name === 'tensor bytes')?.hex ?? '', 'hex'), 4);
    expect(frame?.payload.byteOffset).toBe(0);
    expect(frame?.payload.buffer.byteLength).toBe(frame?.payload.length);
  });
});

describe('what is no frame', () => {
  it('is refused when it is too large', () => {
    expect(() => new FrameDecoder(100).push(head(101, 0))).toThrow(ProtocolError);
    expect(new FrameDecoder(100).push(head(100, 0))).toEqual([]);
  });

  it('is refused before memory is taken for it', () => {
    expect(() => new FrameDecoder(LIMIT).push(head(2 ** 32 - 1, 0))).toThrow('over the limit');
  });

  it.each([
    [0, 0],
    [8, 0],
    [9, 1],
    [20, 12],
  ])('is refused with the length %i and a header of %i bytes', (length, headerBytes) => {
    expect(() => new FrameDecoder(LIMIT).push(head(length, headerBytes))).toThrow('cannot hold a header');
  });

  it('is not written either', () => {
    expect(() => encodeHead(FrameType.CREATE, 1, new Uint8Array(10), 100, 100)).toThrow(ProtocolError);
  });

  it('is a header of anything but a map', () => {
    expect(() => unpack(Uint8Array.of(0x93, 1, 2, 3))).toThrow('not a map');
    expect(() => unpack(Uint8Array.of(0xc1))).toThrow(ProtocolError);
    expect(() => unpack(Uint8Array.of(0x81, 0xa1))).toThrow(ProtocolError);
  });

  it('random bytes either wait for more or are refused', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed & 0xff;
    };
    for (let run = 0; run < 200; run++) {
      const decoder = new FrameDecoder(LIMIT);
      try {
        for (let i = 0; i < 20; i++) decoder.push(Uint8Array.from({ length: 50 }, random));
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }
  });
});
