import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';
import { treeMap, treeReduce } from '../utils/trees.ts';

/**
 * The gradients, multiplied so that the norm of all together is at most `maxNorm`, and the norm that they had.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary_functions/mlx.optimizers.clip_grad_norm.html
 */
export function clipGradNorm<Gradients>(gradients: Gradients, maxNorm: number): [Gradients, Tensor] {
  if (!(maxNorm >= 0)) {
    throw new ArgumentError(`expected a number from 0 up for "maxNorm", received ${String(maxNorm)}`, {
      operation: 'optimizers.clipGradNorm',
    });
  }
  const sum = treeReduce<Tensor | number, Tensor>((all, array) => mx.add(all, mx.sum(mx.square(array))), gradients, 0);
  const norm = mx.sqrt(sum as Tensor);
  const factor = mx.minimum(mx.divide(maxNorm, norm.add(1e-6)), 1);
  return [treeMap<Gradients>(((array: Tensor) => array.multiply(factor)) as (leaf: never) => unknown, gradients), norm];
}
