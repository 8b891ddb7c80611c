import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { choice } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';

/** `none`: one loss for each example; `mean`, `sum`: a scalar of all. */
export type Reduction = 'none' | 'mean' | 'sum';

export interface LossOptions {
  readonly reduction?: Reduction;
}

export interface AxisLossOptions extends LossOptions {
  /** Default: the last one. */
  readonly axis?: number;
}

/** For the last argument of every loss. */
export const reduction = choice('none', 'mean', 'sum');

export function reduce(loss: Tensor, how: Reduction): Tensor {
  if (how === 'none') return loss;
  return how === 'mean' ? mx.mean(loss) : mx.sum(loss);
}

/** Of two names: those of the arguments whose shapes have to be equal. */
export function checkShapes(first: Tensor, second: Tensor, names: string, operation: string): void {
  if (String(first.shape) === String(second.shape)) return;
  throw new ArgumentError(`expected the same shape of ${names}, received [${first.shape}] and [${second.shape}]`, {
    operation,
  });
}
