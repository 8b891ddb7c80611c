import { describeValue } from '../registry/arguments/describe.ts';
import { isInexact } from '../registry/dtypes.ts';
import { ArgumentError } from '../registry/errors.ts';
import { isTensor, type Tensor } from '../router/tensor.ts';
import type { Written } from './at.ts';
import { bind } from './bind.ts';
import { router } from './runtime.ts';
import type { CallOptions, Operand, WriteIndex } from './types.ts';

/** Python's in-place operators: the method's name and the operation behind it. */
const IN_PLACE = {
  add_: 'add',
  subtract_: 'subtract',
  multiply_: 'multiply',
  divide_: 'divide',
  floorDivide_: 'floor_divide',
  remainder_: 'remainder',
  power_: 'power',
  matmul_: 'matmul',
  bitwiseAnd_: 'bitwise_and',
  bitwiseOr_: 'bitwise_or',
  bitwiseXor_: 'bitwise_xor',
  leftShift_: 'left_shift',
  rightShift_: 'right_shift',
} as const;

type Operators = { [Name in keyof typeof IN_PLACE]: (b: Operand, options?: CallOptions) => Tensor };

/**
 * `x.add_(y)` is Python's `x += y`: the same array object holds the result from then on, whose shape and dtype may be
 * others. No array that was made of it before changes, for values never do. As in Python, `divide_` takes no integers: it
 * would make floats of them.
 */
export interface InPlaceMethods extends Operators {
  /**
   * `x[index] = value`. A list as the index is Python's tuple: `x.indexPut_([0, mx.Slice(1)], 5)`. The value broadcasts
   * to the place and is cast to the dtype of the array. Where an index names an element twice, the last value stays.
   */
  indexPut_(index: WriteIndex, value: Written, options?: CallOptions): Tensor;
}

type Call = (...args: unknown[]) => Tensor;

function inPlace(name: string, call: Call): (this: Tensor, ...args: unknown[]) => Tensor {
  const method = function (this: Tensor, ...args: unknown[]): Tensor {
    if (!isTensor(this)) {
      throw new ArgumentError(`expected to be called on an array (mx.array), not on ${describeValue(this)}`, {
        operation: `mx.array.${name}`,
      });
    }
    if (name === 'divide_') refuseIntegers(this);
    router.residency.replace(this, call(this, ...args));
    return this;
  };
  return Object.defineProperty(method, 'name', { value: name });
}

function refuseIntegers(tensor: Tensor): void {
  const { dtype } = router.info(tensor);
  if (isInexact(dtype)) return;
  throw new ArgumentError(
    `expected an array of floats to divide in place, received ${dtype}; write x = x.divide(y), or x.floorDivide_(y)`,
    { operation: 'mx.array.divide_' },
  );
}

/** The methods by name, each for the prototype of the array. */
export function inPlaceMethods(): [name: string, method: (this: Tensor, ...args: unknown[]) => Tensor][] {
  const all = [...Object.entries(IN_PLACE), ['indexPut_', 'index_put'] as const];
  return all.map(([name, operation]) => [name, inPlace(name, bind(operation) as Call)]);
}
