import type { Tensor } from '../../router/tensors/tensor.ts';
import { bind } from '../operations/bind.ts';
import type { CallOptions, IndexPart, Nested, Operand, Scalar } from '../types.ts';

/** What an index may be given: a number, an array, or a nested list of numbers that broadcasts to the place. */
export type Written = Operand | Nested<Scalar>;

type Write = (a: Tensor, parts: readonly unknown[], value: Written, ...options: CallOptions[]) => Tensor;

const writes = {
  add: bind('index_add') as Write,
  subtract: bind('index_subtract') as Write,
  multiply: bind('index_multiply') as Write,
  divide: bind('index_divide') as Write,
  maximum: bind('index_maximum') as Write,
  minimum: bind('index_minimum') as Write,
};

/**
 * The place that `x.at(…)` names. Each method gives a new array in which the value was brought in there, once for every
 * time that the index names an element; the value broadcasts to the place and is cast to the dtype of the array.
 */
export class ArrayAt {
  readonly #array: Tensor;
  readonly #parts: readonly IndexPart[];

  constructor(array: Tensor, parts: readonly IndexPart[]) {
    this.#array = array;
    this.#parts = parts;
  }

  add(value: Written, ...options: CallOptions[]): Tensor {
    return writes.add(this.#array, this.#parts, value, ...options);
  }

  subtract(value: Written, ...options: CallOptions[]): Tensor {
    return writes.subtract(this.#array, this.#parts, value, ...options);
  }

  multiply(value: Written, ...options: CallOptions[]): Tensor {
    return writes.multiply(this.#array, this.#parts, value, ...options);
  }

  /** Multiplies by one over the value, as MLX does. */
  divide(value: Written, ...options: CallOptions[]): Tensor {
    return writes.divide(this.#array, this.#parts, value, ...options);
  }

  maximum(value: Written, ...options: CallOptions[]): Tensor {
    return writes.maximum(this.#array, this.#parts, value, ...options);
  }

  minimum(value: Written, ...options: CallOptions[]): Tensor {
    return writes.minimum(this.#array, this.#parts, value, ...options);
  }
}
