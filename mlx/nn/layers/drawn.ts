import type { Tensor } from '../../../router/tensors/tensor.ts';
import { randomState } from '../../../runtime/runtime.ts';
import * as mx from '../../core.ts';

/** What stands for the parameters of layers that get others. It is never computed, and all of one kind are one. */
interface Placeholders {
  /** By shape. */
  readonly arrays: Map<string, Tensor>;
  /** What was made of them, by how it was made. */
  readonly derived: Map<Tensor, Map<string, unknown>>;
}

let placeholders: Placeholders | null = null;

/**
 * Makes layers whose initial parameters are replaced before they are used, by those of a file for example: they are zeros
 * of the same shapes, one array for all of a shape. The sequence of random numbers goes on as if they were drawn, as it
 * does in Python.
 */
export function withoutDrawing<T>(make: () => T): T {
  // What an outer call has serves the inner one as well.
  if (placeholders !== null) return make();
  placeholders = { arrays: new Map(), derived: new Map() };
  try {
    return make();
  } finally {
    placeholders = null;
  }
}

function found<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

function undrawn({ arrays }: Placeholders, shape: readonly number[]): Tensor {
  randomState.skip();
  return found(arrays, shape.join(), () => mx.zeros(shape));
}

/** What `make` gives for a parameter: for one that nobody drew, the same again for the same `how`. */
export function derived<T>(parameter: Tensor, how: string, make: () => T): T {
  if (placeholders === null || placeholders.arrays.get(parameter.shape.join()) !== parameter) return make();
  const ways = found(placeholders.derived, parameter, () => new Map<string, unknown>());
  return found(ways, how, make) as T;
}

/** Drawn evenly from `-scale` to `scale`, as most layers begin. */
export function drawn(scale: number, ...shape: number[]): Tensor {
  return placeholders === null ? mx.random.uniform(-scale, scale, shape) : undrawn(placeholders, shape);
}

/** Drawn from a normal distribution of that standard deviation, as tables of embeddings begin. */
export function drawnNormally(scale: number, ...shape: number[]): Tensor {
  return placeholders === null ? mx.random.normal(shape, { scale }) : undrawn(placeholders, shape);
}
