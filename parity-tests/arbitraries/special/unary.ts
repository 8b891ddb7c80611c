import fc from 'fast-check';
import { DTYPES } from '../../../registry/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import { anyTensor } from '../tensors.ts';
import { afterTensor, values } from './tools.ts';

function tensors({ sample }: Operation) {
  return fc.array(anyTensor(sample, { maxRank: 2 }), { minLength: 1, maxLength: 3 });
}

export const unary = {
  depends: (operation: Operation) => values(tensors(operation), tensors(operation)),
  view: afterTensor({ minRank: 1 }, (a) => {
    const bytes = (a.shape.at(-1) as number) * a.dtype.size;
    return [fc.constantFrom(...DTYPES.filter((dtype) => bytes % dtype.size === 0))];
  }),
  diff: afterTensor({ minRank: 1, minSize: 1 }, (a) => [
    fc.nat(3),
    fc.integer({ min: -a.shape.length, max: a.shape.length - 1 }),
  ]),
};
