import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { shutdown } from '../../mlx/index.ts';
import { checkLayer, findReference, samples } from './check.ts';
import { LAYERS } from './rows.ts';

findReference();
afterAll(() => shutdown());

describe('layers are equal to Python’s in every bit: outputs, gradients, parameters, text', () => {
  for (const [i, row] of LAYERS.entries()) {
    it(`${row.name} (${i})`, () => {
      fc.assert(
        fc.property(samples(row), (sample) => {
          expect(checkLayer(row, sample)).toBe(undefined);
        }),
        { numRuns: 5, seed: 20261129 },
      );
    });
  }
});
