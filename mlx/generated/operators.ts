// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { array, CallOptions, Nested, Operand, Scalar, WriteIndex } from '../types.ts';

/** Python's operators, as methods named after the operation: `a + b` is `a.add(b)`, `~a` is `a.bitwiseInvert()`. */
export interface ArrayOperators {
  /** Each element negated. */
  negative(options?: CallOptions): array;
  /** Each bit of each element inverted. */
  bitwiseInvert(options?: CallOptions): array;
  /** Sum of two tensors, element by element. */
  add(b: Operand, options?: CallOptions): array;
  /** Difference of two tensors, element by element. */
  subtract(b: Operand, options?: CallOptions): array;
  /** Product of two tensors, element by element. */
  multiply(b: Operand, options?: CallOptions): array;
  /** Quotient of two tensors, element by element, always inexact. */
  divide(b: Operand, options?: CallOptions): array;
  /** Quotient of two tensors rounded down, of integers towards zero; of an integer by zero 0. */
  floorDivide(b: Operand, options?: CallOptions): array;
  /** Remainder with the sign of the divisor; of an integer by zero 0. */
  remainder(b: Operand, options?: CallOptions): array;
  /** First tensor to the power of the second, element by element. */
  power(b: Operand, options?: CallOptions): array;
  /** Which elements are equal, as bool. */
  equal(b: Operand, options?: CallOptions): array;
  /** Which elements differ, as bool. */
  notEqual(b: Operand, options?: CallOptions): array;
  /** Where the first is less than the second, as bool. */
  less(b: Operand, options?: CallOptions): array;
  /** Where the first is less than or equal to the second, as bool. */
  lessEqual(b: Operand, options?: CallOptions): array;
  /** Where the first is greater than the second, as bool. */
  greater(b: Operand, options?: CallOptions): array;
  /** Where the first is greater than or equal to the second, as bool. */
  greaterEqual(b: Operand, options?: CallOptions): array;
  /** Bits set in both elements. */
  bitwiseAnd(b: Operand, options?: CallOptions): array;
  /** Bits set in either element. */
  bitwiseOr(b: Operand, options?: CallOptions): array;
  /** Bits set in exactly one element. */
  bitwiseXor(b: Operand, options?: CallOptions): array;
  /** Bits shifted to the left by a number of places. */
  leftShift(b: Operand, options?: CallOptions): array;
  /** Bits shifted to the right by a number of places. */
  rightShift(b: Operand, options?: CallOptions): array;
  /** Matrix product over the last two axes, the others broadcast; vectors are taken as rows and columns. */
  matmul(b: array, options?: CallOptions): array;
}

/**
 * `x.add_(y)` is Python's `x += y`: the same array object holds the result from then on, whose shape and dtype may be
 * others. No array that was made of it before changes, for values never do. As in Python, `divide_` takes no integers: it
 * would make floats of them. `x.indexPut_(index, value)` is `x[index] = value`, with a list for Python's tuple:
 * `x.indexPut_([0, mx.Slice(1)], 5)`. Where an index names an element twice, the last value stays.
 */
export interface InPlaceMethods {
  /** Sum of two tensors, element by element. */
  add_(b: Operand, options?: CallOptions): array;
  /** Difference of two tensors, element by element. */
  subtract_(b: Operand, options?: CallOptions): array;
  /** Product of two tensors, element by element. */
  multiply_(b: Operand, options?: CallOptions): array;
  /** Quotient of two tensors, element by element, always inexact. */
  divide_(b: Operand, options?: CallOptions): array;
  /** Quotient of two tensors rounded down, of integers towards zero; of an integer by zero 0. */
  floorDivide_(b: Operand, options?: CallOptions): array;
  /** Remainder with the sign of the divisor; of an integer by zero 0. */
  remainder_(b: Operand, options?: CallOptions): array;
  /** First tensor to the power of the second, element by element. */
  power_(b: Operand, options?: CallOptions): array;
  /** Bits set in both elements. */
  bitwiseAnd_(b: Operand, options?: CallOptions): array;
  /** Bits set in either element. */
  bitwiseOr_(b: Operand, options?: CallOptions): array;
  /** Bits set in exactly one element. */
  bitwiseXor_(b: Operand, options?: CallOptions): array;
  /** Bits shifted to the left by a number of places. */
  leftShift_(b: Operand, options?: CallOptions): array;
  /** Bits shifted to the right by a number of places. */
  rightShift_(b: Operand, options?: CallOptions): array;
  /** The tensor with the elements at an index replaced by a value, which broadcasts and is cast. */
  indexPut_(index: WriteIndex, value: Operand | Nested<Scalar>, options?: CallOptions): array;
  /** Matrix product over the last two axes, the others broadcast; vectors are taken as rows and columns. */
  matmul_(b: array, options?: CallOptions): array;
}
