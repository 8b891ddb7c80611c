import { float16, uint32 } from '../foundation/values/dtypes.ts';
import { float16ToNumber, numberToFloat16 } from '../foundation/values/elements.ts';
import { FLOAT_BLOCK_TYPES } from './gguf-float-blocks.ts';
import type { StoredArray } from './stored.ts';

/** A quantised type of gguf: blocks of so many elements in so many bytes, and what MLX makes of them. */
export interface BlockType {
  readonly elements: number;
  readonly bytes: number;
  convert(name: string, shape: readonly number[], bytes: Buffer): [string, StoredArray][];
}

/** Blocks of 32 that MLX takes over as they are: packed weights with a scale and a bias for each block. */
function affine(bits: 4 | 8, blockBytes: number, hasBias: boolean): BlockType {
  const packed = bits * 4;
  const zero = -(2 ** (bits - 1));
  return {
    elements: 32,
    bytes: blockBytes,
    convert(name, shape, bytes) {
      const blocks = bytes.length / blockBytes;
      const weights = Buffer.alloc(blocks * packed);
      const scales = Buffer.alloc(blocks * 2);
      const biases = Buffer.alloc(blocks * 2);
      for (let i = 0; i < blocks; i++) {
        const start = i * blockBytes;
        const scale = bytes.readUInt16LE(start);
        scales.writeUInt16LE(scale, i * 2);
        const bias = hasBias ? bytes.readUInt16LE(start + 2) : numberToFloat16(float16ToNumber(scale) * zero);
        biases.writeUInt16LE(bias, i * 2);
        const data = bytes.subarray(start + blockBytes - packed, start + blockBytes);
        (bits === 4 ? unpackNibbles : shiftBytes)(data, weights, i * packed);
      }
      const outer = shape.slice(0, -1);
      const last = shape.at(-1) as number;
      // MLX cuts these seven letters off without looking at them, where there are as many.
      const prefix = name.length >= '.weight'.length ? name.slice(0, -'.weight'.length) : name;
      return [
        [name, { dtype: uint32, shape: [...outer, (last * bits) / 32], data: weights }],
        [`${prefix}.scales`, { dtype: float16, shape: [...outer, last / 32], data: scales }],
        [`${prefix}.biases`, { dtype: float16, shape: [...outer, last / 32], data: biases }],
      ];
    },
  };
}

/** gguf pairs element i with i + 16 in a byte, MLX with i + 1. */
function unpackNibbles(data: Buffer, target: Buffer, at: number): void {
  for (let j = 0; j < 16; j += 2) {
    const [low, high] = [data[j] as number, data[j + 1] as number];
    target[at + j / 2] = (low & 15) | ((high & 15) << 4);
    target[at + 8 + j / 2] = (low >> 4) | (high & 0xf0);
  }
}

/** Signed bytes become unsigned ones around 128. */
function shiftBytes(data: Buffer, target: Buffer, at: number): void {
  for (let j = 0; j < data.length; j++) target[at + j] = (data[j] as number) ^ 0x80;
}

export const BLOCK_TYPES: ReadonlyMap<number, BlockType> = new Map([
  [2, affine(4, 18, false)],
  [3, affine(4, 20, true)],
  [8, affine(8, 34, false)],
  ...FLOAT_BLOCK_TYPES,
]);
