import fc from 'fast-check';
import { DTYPES } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import { anyDtype } from '../dtypes.ts';
import { anyTensor, tensor } from '../tensors.ts';
import { afterTensor, maybe, type SpecialGenerators, values } from './tools.ts';

function tensors({ sample }: Operation) {
  return fc.array(anyTensor(sample, { maxRank: 2 }), { minLength: 1, maxLength: 3 });
}

/** The last axis has m * 2^k elements, with m one of those that MLX has a matrix for. */
function hadamard({ sample }: Operation) {
  const size = fc
    .tuple(fc.constantFrom(1, 12, 20, 28), fc.integer({ min: 0, max: 7 }))
    .map(([m, k]) => m * 2 ** k)
    .filter((extent) => extent <= 128);
  const shape = fc.tuple(fc.array(fc.nat(3), { maxLength: 2 }), size).map(([outer, last]) => [...outer, last]);
  const a = fc.tuple(shape, anyDtype(sample.dtypes)).chain(([extents, dtype]) => tensor(extents, dtype, sample.values));
  return values(a, maybe(fc.constantFrom(null, 1, 0.25, -2)));
}

export const unary = {
  hadamard_transform: hadamard,
  depends: (operation: Operation) => values(tensors(operation), tensors(operation)),
  view: afterTensor({ minRank: 1 }, (a) => {
    const bytes = (a.shape.at(-1) as number) * a.dtype.size;
    return [fc.constantFrom(...DTYPES.filter((dtype) => bytes % dtype.size === 0))];
  }),
  diff: afterTensor({ minRank: 1, minSize: 1 }, (a) => [
    fc.nat(3),
    fc.integer({ min: -a.shape.length, max: a.shape.length - 1 }),
  ]),
} satisfies SpecialGenerators;
