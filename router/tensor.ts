import type { TensorInfo } from '../registry/backend.ts';
import { hasOwnField, refuseForged } from '../registry/receivers.ts';
import type { Handle } from '../registry/values.ts';

/** Shown by the DataCloneError of `structuredClone` and `postMessage`, which would make a dead copy of what is here. */
const UNCLONEABLE = Symbol('mx.array: send its values, await x.data()');

/**
 * A tensor wherever it lives: at a native home, at a Python home, or at both. Its values never change, so a copy made
 * for a call on the other side is kept. With no home left it was disposed.
 */
export class Tensor {
  native: Handle | null;
  python: Handle | null;
  /** Asked for once: shape and dtype never change. */
  info: TensorInfo | null = null;
  readonly uncloneable = UNCLONEABLE;

  constructor(native: Handle | null, python: Handle | null) {
    this.native = native;
    this.python = python;
  }
}

refuseForged(Tensor.prototype, ['native', 'python', 'info'], 'mx.array', 'an array made by mx.array or an operation');

/** Whether it was made as a tensor, and does not only inherit from the class. */
export function isMade(value: unknown): value is Tensor {
  return isTensor(value) && hasOwnField(value, 'native');
}

/** `instanceof` that a proxy of the caller's cannot make throw. */
export function isTensor(value: unknown): value is Tensor {
  try {
    return value instanceof Tensor;
  } catch {
    return false;
  }
}
