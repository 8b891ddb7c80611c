import { float16 } from '../foundation/values/dtypes.ts';
import { bfloat16ToNumber, float16ToNumber, numberToFloat16 } from '../foundation/values/elements.ts';
import type { BlockType } from './gguf-blocks.ts';
import type { StoredArray } from './stored.ts';

const { fround } = Math;

/** Blocks that MLX has no counterpart for: it makes float16 of them, by way of float32. */
function widened(elements: number, blockBytes: number, decode: (block: Buffer, out: Float32Array) => void): BlockType {
  return {
    elements,
    bytes: blockBytes,
    convert(name, shape, bytes) {
      const blocks = bytes.length / blockBytes;
      const data = Buffer.alloc(blocks * elements * 2);
      const values = new Float32Array(elements);
      for (let i = 0; i < blocks; i++) {
        decode(bytes.subarray(i * blockBytes, (i + 1) * blockBytes), values);
        for (let j = 0; j < elements; j++) data.writeUInt16LE(narrowed(values[j] as number), (i * elements + j) * 2);
      }
      return [[name, { dtype: float16, shape, data }]];
    },
  };
}

/** Every NaN becomes the same one. */
function narrowed(value: number): number {
  return Number.isNaN(value) ? 0x7e00 : numberToFloat16(value);
}

function half(block: Buffer, at: number): number {
  return float16ToNumber(block.readUInt16LE(at));
}

/** Sixteen groups of two-bit weights, each with a scale and a minimum of four bits. */
function decodeQ2K(block: Buffer, out: Float32Array): void {
  const [scale, least] = [half(block, 80), half(block, 82)];
  for (let j = 0; j < 256; j++) {
    const group = block[j >> 4] as number;
    const packed = block[16 + (j >> 7) * 32 + (j & 31)] as number;
    const weight = (packed >> (((j & 127) >> 5) * 2)) & 3;
    out[j] = fround(fround(weight * fround(scale * (group & 15))) - fround(least * (group >> 4)));
  }
}

/**
 * Eight groups of four-bit weights, each with a scale and a minimum of six bits, packed into twelve bytes. MLX 0.32
 * itself uses an even group's scale for the odd one behind it too, which the format does not mean.
 */
function decodeQ4K(block: Buffer, out: Float32Array): void {
  const [scale, least] = [half(block, 0), half(block, 2)];
  const packed = (i: number) => block[4 + i] as number;
  for (let j = 0; j < 256; j++) {
    const group = j >> 5;
    const isLow = group < 4;
    const factor = isLow ? packed(group) & 63 : (packed(group + 4) & 15) | ((packed(group - 4) >> 6) << 4);
    const offset = isLow ? packed(group + 4) & 63 : (packed(group + 4) >> 4) | ((packed(group) >> 6) << 4);
    const byte = block[16 + (group >> 1) * 32 + (j & 31)] as number;
    const weight = group % 2 === 0 ? byte & 15 : byte >> 4;
    out[j] = fround(fround(weight * fround(scale * factor)) - fround(least * offset));
  }
}

/** Sixteen groups of six-bit weights, each with a signed scale of a byte. */
function decodeQ6K(block: Buffer, out: Float32Array): void {
  const scale = half(block, 208);
  for (let j = 0; j < 256; j++) {
    const within = j & 127;
    const low = ((block[(j >> 7) * 64 + (within & 63)] as number) >> ((within >> 6) * 4)) & 15;
    const high = ((block[128 + (j >> 7) * 32 + (within & 31)] as number) >> ((within >> 5) * 2)) & 3;
    out[j] = fround(fround(scale * block.readInt8(192 + (j >> 4))) * ((low | (high << 4)) - 32));
  }
}

/** gguf's bfloat16 becomes float16 too; a NaN keeps its sign. */
function convertBfloat16(name: string, shape: readonly number[], bytes: Buffer): [string, StoredArray][] {
  const data = Buffer.alloc(bytes.length);
  for (let i = 0; i < bytes.length; i += 2) {
    const bits = bytes.readUInt16LE(i);
    const isNaN = (bits & 0x7fff) > 0x7f80;
    data.writeUInt16LE(isNaN ? (bits & 0x8000) | 0x7e00 : numberToFloat16(bfloat16ToNumber(bits)), i);
  }
  return [[name, { dtype: float16, shape, data }]];
}

export const FLOAT_BLOCK_TYPES: readonly (readonly [number, BlockType])[] = [
  [10, widened(256, 84, decodeQ2K)],
  [12, widened(256, 144, decodeQ4K)],
  [14, widened(256, 210, decodeQ6K)],
  [30, { elements: 1, bytes: 2, convert: convertBfloat16 }],
];
