import type { TensorInfo } from '../../backend/backend.ts';
import type { AddedBackend, Implementation } from '../../foundation/errors/errors.ts';
import { hasOwnField, refuseForged } from '../../foundation/errors/receivers.ts';
import type { Handle } from '../../foundation/values/values.ts';

/** Shown by the DataCloneError of `structuredClone` and `postMessage`, which would make a copy without its array. */
const UNCLONEABLE = Symbol('mx.array: send its values, await x.data()');

/**
 * A tensor, held natively, by Python, or by both. Its values never change, so a copy made
 * for a call on the other side is kept. With no handle left it was disposed.
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

/** Handles at added backends, which few tensors have: a field would cost every tensor its memory. */
const addedHandles = new WeakMap<Tensor, Map<AddedBackend, Handle>>();

/** The tensor's handle at that side; null: it has none there. */
export function handleAt(tensor: Tensor, side: Implementation): Handle | null {
  if (side === 'native' || side === 'python') return tensor[side];
  return addedHandles.get(tensor)?.get(side) ?? null;
}

/** Sets a field of the tensor. False for a frozen array, which keeps what it has. */
export function setField<Field extends 'native' | 'python' | 'info'>(
  tensor: Tensor,
  field: Field,
  value: Tensor[Field],
): boolean {
  // V8 calls out for Reflect.set and for Object.isFrozen, and few arrays are frozen.
  try {
    tensor[field] = value;
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Gives the tensor a handle, or takes it away. False for a frozen array, which keeps what it has. */
export function setHandle(tensor: Tensor, side: Implementation, handle: Handle | null): boolean {
  if (side === 'native' || side === 'python') return setField(tensor, side, handle);
  const holders = addedHandles.get(tensor);
  if (handle === null) holders?.delete(side);
  else if (holders === undefined) addedHandles.set(tensor, new Map([[side, handle]]));
  else holders.set(side, handle);
  return true;
}

/** A tensor around what a backend gave. */
export function tensorAt(handle: Handle, side: Implementation): Tensor {
  if (side === 'native') return new Tensor(handle, null);
  if (side === 'python') return new Tensor(null, handle);
  const tensor = new Tensor(null, null);
  setHandle(tensor, side, handle);
  return tensor;
}

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
