import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { Tensor } from '../../router/tensors/tensor.ts';

// What is checked where the library itself looks into an argument. What is only passed on to an operation, the operation
// checks.

/** @throws ArgumentError for what is no array. */
export function checkArray(value: unknown, name: string, operation: string): asserts value is Tensor {
  if (value instanceof Tensor) return;
  throw new ArgumentError(`expected an array (mx.array) for "${name}", received ${describeValue(value)}`, {
    operation,
  });
}

/** @throws ArgumentError for an array of fewer or more dimensions. */
export function checkDims(x: Tensor, least: number, operation: string, most = Number.POSITIVE_INFINITY): void {
  const { ndim } = x;
  if (ndim >= least && ndim <= most) return;
  let expected = `at least ${least}`;
  if (most === least) expected = String(least);
  else if (most !== Number.POSITIVE_INFINITY) expected = `${least} to ${most}`;
  throw new ArgumentError(`expected an array of ${expected} dimensions, received one of ${ndim}`, { operation });
}
