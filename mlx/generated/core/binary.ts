// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, Operand } from '../../types.ts';

/**
 * Sum of two tensors, element by element.
 *
 * `mx.add(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.add.html
 */
export const add = bind('add') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Difference of two tensors, element by element.
 *
 * `mx.subtract(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.subtract.html
 */
export const subtract = bind('subtract') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Product of two tensors, element by element.
 *
 * `mx.multiply(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.multiply.html
 */
export const multiply = bind('multiply') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Quotient of two tensors, element by element, always inexact.
 *
 * `mx.divide(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.divide.html
 */
export const divide = bind('divide') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Quotient rounded down, of integers too, and remainder; of an integer by zero 0.
 *
 * `mx.divmod(a, b)`
 */
export const divmod = bind('divmod') as (a: Operand, b: Operand, options?: CallOptions) => [array, array];

/**
 * Quotient of two tensors rounded down, of integers towards zero; of an integer by zero 0.
 *
 * `mx.floorDivide(a, b)`
 */
export const floorDivide = bind('floor_divide') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Remainder with the sign of the divisor; of an integer by zero 0.
 *
 * `mx.remainder(a, b)`
 */
export const remainder = bind('remainder') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * First tensor to the power of the second, element by element.
 *
 * `mx.power(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.power.html
 */
export const power = bind('power') as (a: Operand, b: Operand, options?: CallOptions) => array;

/** Another name of `mx.power`. @alias */
export const pow = power;

/**
 * Smaller of two elements; NaN if either is.
 *
 * `mx.minimum(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.minimum.html
 */
export const minimum = bind('minimum') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Larger of two elements; NaN if either is.
 *
 * `mx.maximum(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.maximum.html
 */
export const maximum = bind('maximum') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Logarithm of the sum of the exponentials, without overflow.
 *
 * `mx.logaddexp(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logaddexp.html
 */
export const logaddexp = bind('logaddexp') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Angle in radians of the point (b, a), in its right quadrant.
 *
 * `mx.arctan2(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arctan2.html
 */
export const arctan2 = bind('arctan2') as (a: array, b: array, options?: CallOptions) => array;

/** Another name of `mx.arctan2`. @alias */
export const atan2 = arctan2;

/**
 * Which elements are equal, as bool.
 *
 * `mx.equal(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.equal.html
 */
export const equal = bind('equal') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Which elements differ, as bool.
 *
 * `mx.notEqual(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.not_equal.html
 */
export const notEqual = bind('not_equal') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Where the first is less than the second, as bool.
 *
 * `mx.less(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.less.html
 */
export const less = bind('less') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Where the first is less than or equal to the second, as bool.
 *
 * `mx.lessEqual(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.less_equal.html
 */
export const lessEqual = bind('less_equal') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Where the first is greater than the second, as bool.
 *
 * `mx.greater(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.greater.html
 */
export const greater = bind('greater') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Where the first is greater than or equal to the second, as bool.
 *
 * `mx.greaterEqual(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.greater_equal.html
 */
export const greaterEqual = bind('greater_equal') as (a: Operand, b: Operand, options?: CallOptions) => array;

/** Keywords of `mx.arrayEqual`. */
export interface ArrayEqualOptions extends CallOptions {
  equalNan?: boolean | undefined;
}

/**
 * Whether two tensors have one shape and equal elements, as a 0-d bool.
 *
 * `mx.arrayEqual(a, b, { equalNan = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.array_equal.html
 */
export const arrayEqual = bind('array_equal') as (a: Operand, b: Operand, options?: ArrayEqualOptions) => array;

/** Keywords of `mx.allclose`. */
export interface AllcloseOptions extends CallOptions {
  rtol?: number | undefined;
  atol?: number | undefined;
  equalNan?: boolean | undefined;
}

/**
 * Whether all elements are within a tolerance of each other, as a 0-d bool.
 *
 * `mx.allclose(a, b, rtol = 0.00001, atol = 1e-8, { equalNan = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.allclose.html
 */
export const allclose = bind('allclose') as {
  (a: array, b: array, options?: AllcloseOptions): array;
  (a: array, b: array, rtol: number, options?: Omit<AllcloseOptions, 'rtol'>): array;
  (a: array, b: array, rtol: number, atol: number, options?: Omit<AllcloseOptions, 'rtol' | 'atol'>): array;
};

/** Keywords of `mx.isclose`. */
export interface IscloseOptions extends CallOptions {
  rtol?: number | undefined;
  atol?: number | undefined;
  equalNan?: boolean | undefined;
}

/**
 * Which elements are within a tolerance of each other, as bool.
 *
 * `mx.isclose(a, b, rtol = 0.00001, atol = 1e-8, { equalNan = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.isclose.html
 */
export const isclose = bind('isclose') as {
  (a: array, b: array, options?: IscloseOptions): array;
  (a: array, b: array, rtol: number, options?: Omit<IscloseOptions, 'rtol'>): array;
  (a: array, b: array, rtol: number, atol: number, options?: Omit<IscloseOptions, 'rtol' | 'atol'>): array;
};

/**
 * Where both elements are true, as bool.
 *
 * `mx.logicalAnd(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_and.html
 */
export const logicalAnd = bind('logical_and') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Where either element is true, as bool.
 *
 * `mx.logicalOr(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_or.html
 */
export const logicalOr = bind('logical_or') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Where exactly one element is true, as bool.
 *
 * `mx.logicalXor(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_xor.html
 */
export const logicalXor = bind('logical_xor') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Bits set in both elements.
 *
 * `mx.bitwiseAnd(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.bitwise_and.html
 */
export const bitwiseAnd = bind('bitwise_and') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Bits set in either element.
 *
 * `mx.bitwiseOr(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.bitwise_or.html
 */
export const bitwiseOr = bind('bitwise_or') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Bits set in exactly one element.
 *
 * `mx.bitwiseXor(a, b)`
 */
export const bitwiseXor = bind('bitwise_xor') as (a: Operand, b: Operand, options?: CallOptions) => array;

/**
 * Bits shifted to the left by a number of places.
 *
 * `mx.leftShift(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.left_shift.html
 */
export const leftShift = bind('left_shift') as (a: Operand, b: Operand, options?: CallOptions) => array;

/** Another name of `mx.leftShift`. @alias */
export const bitwiseLeftShift = leftShift;

/**
 * Bits shifted to the right by a number of places.
 *
 * `mx.rightShift(a, b)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.right_shift.html
 */
export const rightShift = bind('right_shift') as (a: Operand, b: Operand, options?: CallOptions) => array;

/** Another name of `mx.rightShift`. @alias */
export const bitwiseRightShift = rightShift;

/**
 * Elements of x where the condition holds, elements of y elsewhere.
 *
 * `mx.where(condition, x, y)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.where.html
 */
export const where = bind('where') as (condition: Operand, x: Operand, y: Operand, options?: CallOptions) => array;

/**
 * Elements held between two bounds, either of which may be null.
 *
 * `mx.clip(a, aMin, aMax)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.clip.html
 */
export const clip = bind('clip') as (
  a: array,
  aMin: Operand | null,
  aMax: Operand | null,
  options?: CallOptions,
) => array;
