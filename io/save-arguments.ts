import { ArgumentError, DisposedError } from '../foundation/errors/errors.ts';
import type { Dtype } from '../foundation/values/dtypes.ts';
import { describeValue, typed } from '../registry/arguments/describe.ts';
import { isTensor, Tensor } from '../router/tensors/tensor.ts';
import { router } from '../runtime/runtime.ts';

/** An array to save, with the facts that headers tell of it. */
export interface NamedArray {
  readonly name: string;
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly bytes: number;
}

/** The entries of a plain object, in its order. Nothing at all is an empty one. */
export function entriesOf(value: unknown, what: string, operation: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || isTensor(value) || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new ArgumentError(`expected an object of ${what} by name, received ${describeValue(value)}`, { operation });
  }
  try {
    return Object.entries(value);
  } catch (error) {
    throw typed(error, operation);
  }
}

export function namedArrays(entries: readonly (readonly [string, unknown])[], operation: string): NamedArray[] {
  return entries.map(([name, value]) =>
    namedArray(checkedText(name, `the name "${name}"`, operation), value, operation),
  );
}

/** The array as it is now: what happens to the caller's own object meanwhile does not change the file. */
export function namedArray(name: string, value: unknown, operation: string): NamedArray {
  if (!isTensor(value)) {
    const what = name === '' ? '"array"' : `"${name}"`;
    throw new ArgumentError(`expected an array for ${what}, received ${describeValue(value)}`, { operation });
  }
  if (router.residency.isDisposed(value)) {
    throw new DisposedError(`the array${name === '' ? '' : ` "${name}"`} was disposed; it cannot be used any more`, {
      operation,
    });
  }
  const { shape, dtype } = router.info(value);
  const tensor = new Tensor(value.native, value.python);
  return { name, tensor, shape, dtype, bytes: shape.reduce((product, extent) => product * extent, dtype.size) };
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Text that UTF-8 can hold. */
export function checkedText(value: unknown, what: string, operation: string): string {
  if (typeof value !== 'string') {
    throw new ArgumentError(`expected a string for ${what}, received ${describeValue(value)}`, { operation });
  }
  if (!LONE_SURROGATE.test(value)) return value;
  throw new ArgumentError(`${what} holds half a character, which no file can`, { operation });
}
