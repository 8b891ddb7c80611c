import type { Tensor } from '../../../router/tensors/tensor.ts';
import { randomState } from '../../../runtime/runtime.ts';
import * as mx from '../../core.ts';

let areReplaced = false;

/**
 * Makes layers whose initial parameters are replaced before they are used, by those of a file for example: they are zeros
 * of the same shapes. The sequence of random numbers goes on as if they were drawn, as it does in Python.
 */
export function withoutDrawing<T>(make: () => T): T {
  const before = areReplaced;
  areReplaced = true;
  try {
    return make();
  } finally {
    areReplaced = before;
  }
}

function undrawn(shape: readonly number[]): Tensor {
  randomState.skip();
  return mx.zeros(shape);
}

/** Drawn evenly from `-scale` to `scale`, as most layers begin. */
export function drawn(scale: number, ...shape: number[]): Tensor {
  return areReplaced ? undrawn(shape) : mx.random.uniform(-scale, scale, shape);
}

/** Drawn from a normal distribution of that standard deviation, as tables of embeddings begin. */
export function drawnNormally(scale: number, ...shape: number[]): Tensor {
  return areReplaced ? undrawn(shape) : mx.random.normal(shape, { scale });
}
