import { expect, it } from 'vitest';
import { decode } from '../foundation/values/elements.ts';
import { FLOAT_BLOCK_TYPES } from './gguf-float-blocks.ts';

const Q4_K = 12;

it('gives each group of Q4_K its own scale and minimum', () => {
  const block = Buffer.alloc(144);
  // One, in float16.
  block.writeUInt16LE(0x3c00, 0);
  block.writeUInt16LE(0x3c00, 2);
  // Scales 1 to 4 and minima 5 to 8 of the first four groups; 9 to 12 and 1 to 4 of the others.
  for (let i = 0; i < 4; i++) {
    block[4 + i] = 1 + i;
    block[8 + i] = 5 + i;
    block[12 + i] = (9 + i) | ((1 + i) << 4);
  }
  block.fill(0x32, 16);
  const type = new Map(FLOAT_BLOCK_TYPES).get(Q4_K);
  const [[, array] = []] = type?.convert('a', [256], block) ?? [];
  const bytes = new Uint8Array(array?.data as Buffer);
  const values = decode(bytes, (array as NonNullable<typeof array>).dtype);
  const ofGroup = Array.from({ length: 8 }, (_, group) => values[group * 32]);
  // Weights are 2 in even groups and 3 in odd ones.
  expect(ofGroup).toEqual([2 - 5, 3 * 2 - 6, 2 * 3 - 7, 3 * 4 - 8, 2 * 9 - 1, 3 * 10 - 2, 2 * 11 - 3, 3 * 12 - 4]);
});
