import type { Tensor } from '../../../router/tensors/tensor.ts';
import * as mx from '../../core.ts';

/** Drawn evenly from `-scale` to `scale`, as most layers begin. */
export function drawn(scale: number, ...shape: number[]): Tensor {
  return mx.random.uniform(-scale, scale, shape);
}
