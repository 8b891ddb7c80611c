import { core as mx } from '../../mlx/index.ts';

/**
 * Weights that look random and follow from their name, in whole numbers up to the last step, so that every machine has
 * the same: between -1/8 and 1/8, and around 1 for what a normalization multiplies by.
 */
export function formulaWeight(name: string, shape: readonly number[]): mx.Array {
  let start = 2_166_136_261;
  for (const byte of new TextEncoder().encode(name)) start = Math.imul(start ^ byte, 16_777_619) >>> 0;
  const middle = shape.length === 1 && name.endsWith('weight') ? 1 : 0;
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, index) => {
    const x = (Math.imul(index + 1, 0x9e37_79b1) + start) >>> 0;
    const mixed = Math.imul(x ^ (x >>> 15), 0x85eb_ca6b) >>> 16;
    return middle + (mixed / 65_536 - 0.5) / 4;
  });
  return mx.array(values).reshape([...shape]);
}
