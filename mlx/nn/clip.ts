import type { Tensor } from '../../router/tensors/tensor.ts';
import { checkArray } from '../arguments/checks.ts';
import type { Kind } from '../arguments/signature.ts';
import * as mx from '../core.ts';
import { treeFlatten, treeMap } from '../utils/trees.ts';

// What clipping by the norm of all gradients has in common, with them all in this process or shared out.

export const norm: Kind<number> = {
  expected: 'a number from 0 up',
  read: (value) => (typeof value === 'number' && value >= 0 ? value : undefined),
};

/** The sum of the squares of all elements. @throws ArgumentError for a leaf that is no array. */
export function sumOfSquares(gradients: unknown, operation: string): Tensor {
  let sum: Tensor | undefined;
  for (const [path, array] of treeFlatten(gradients)) {
    checkArray(array, path, operation);
    sum = mx.add(sum ?? 0, mx.sum(mx.square(array)));
  }
  return sum ?? mx.array(0);
}

/** The gradients, whose squares have that sum, multiplied so that their norm is at most `maxNorm`; and their norm. */
export function clippedTo<Gradients>(gradients: Gradients, maxNorm: number, squares: Tensor): [Gradients, Tensor] {
  const before = mx.sqrt(squares);
  const factor = mx.minimum(mx.divide(maxNorm, before.add(1e-6)), 1);
  const clip = (array: Tensor): Tensor => array.multiply(factor);
  return [treeMap<Gradients>(clip as (leaf: never) => unknown, gradients), before];
}
