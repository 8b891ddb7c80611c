import { ArgumentError } from '../../foundation/errors/errors.ts';
import { type TypedArray, typedArray } from '../../foundation/values/elements.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { nativeBackend, router } from '../../runtime/runtime.ts';

function slotOf(x: unknown, operation: string): number {
  if (x instanceof Tensor) return router.residency.at(x, 'native').slot;
  throw new ArgumentError(`expected an array (mx.array), received ${describeValue(x)}`, { operation });
}

/**
 * The address of the first element of the array in this process. Evaluates. It holds as long as the array
 * does: once it is collected or disposed, the address leads into memory of something else.
 * @throws ArgumentError for an array whose elements do not lie in row-major order.
 */
export function address(x: Tensor): bigint {
  const operation = 'unsafe.address';
  const slot = slotOf(x, operation);
  return nativeBackend.run(operation, (addon) => addon.address(slot));
}

/**
 * The array's own memory as a typed array, without a copy, of the type that `toTypedArray` gives. Evaluates. The
 * memory is kept as long as the view. Writing into it changes the array, every array that shares its memory, and what
 * graphs that are not yet computed will read.
 * @throws ArgumentError for an array whose elements do not lie in row-major order.
 */
export function memory(x: Tensor): TypedArray {
  const operation = 'unsafe.memory';
  const slot = slotOf(x, operation);
  const buffer = nativeBackend.run(operation, (addon) => addon.memory(slot));
  return typedArray(new Uint8Array(buffer), router.info(x).dtype);
}
