// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, Operand } from '../../types.ts';

/**
 * Absolute value of each element.
 *
 * `mx.abs(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.abs.html
 */
export const abs = bind('abs') as (a: Operand, options?: CallOptions) => array;

/**
 * Sign of each element: -1, 0 or 1.
 *
 * `mx.sign(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sign.html
 */
export const sign = bind('sign') as (a: Operand, options?: CallOptions) => array;

/**
 * The tensor itself, as unary plus.
 *
 * `mx.positive(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.positive.html
 */
export const positive = bind('positive') as (a: array, options?: CallOptions) => array;

/**
 * Each element negated.
 *
 * `mx.negative(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.negative.html
 */
export const negative = bind('negative') as (a: Operand, options?: CallOptions) => array;

/**
 * Each element rounded towards zero.
 *
 * `mx.trunc(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.trunc.html
 */
export const trunc = bind('trunc') as (a: Operand, options?: CallOptions) => array;

/**
 * Square of each element.
 *
 * `mx.square(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.square.html
 */
export const square = bind('square') as (a: Operand, options?: CallOptions) => array;

/**
 * Square root of each element.
 *
 * `mx.sqrt(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sqrt.html
 */
export const sqrt = bind('sqrt') as (a: Operand, options?: CallOptions) => array;

/**
 * One over the square root of each element.
 *
 * `mx.rsqrt(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.rsqrt.html
 */
export const rsqrt = bind('rsqrt') as (a: Operand, options?: CallOptions) => array;

/**
 * One over each element.
 *
 * `mx.reciprocal(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.reciprocal.html
 */
export const reciprocal = bind('reciprocal') as (a: Operand, options?: CallOptions) => array;

/**
 * The exponential of each element: e to its power.
 *
 * `mx.exp(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.exp.html
 */
export const exp = bind('exp') as (a: Operand, options?: CallOptions) => array;

/**
 * The exponential of each element, minus one, exact near zero.
 *
 * `mx.expm1(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.expm1.html
 */
export const expm1 = bind('expm1') as (a: Operand, options?: CallOptions) => array;

/**
 * Error function of each element.
 *
 * `mx.erf(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.erf.html
 */
export const erf = bind('erf') as (a: Operand, options?: CallOptions) => array;

/**
 * Inverse of the error function of each element.
 *
 * `mx.erfinv(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.erfinv.html
 */
export const erfinv = bind('erfinv') as (a: Operand, options?: CallOptions) => array;

/**
 * Sine of each element in radians.
 *
 * `mx.sin(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sin.html
 */
export const sin = bind('sin') as (a: Operand, options?: CallOptions) => array;

/**
 * Cosine of each element in radians.
 *
 * `mx.cos(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cos.html
 */
export const cos = bind('cos') as (a: Operand, options?: CallOptions) => array;

/**
 * Tangent of each element in radians.
 *
 * `mx.tan(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.tan.html
 */
export const tan = bind('tan') as (a: Operand, options?: CallOptions) => array;

/**
 * Inverse sine of each element, in radians.
 *
 * `mx.arcsin(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arcsin.html
 */
export const arcsin = bind('arcsin') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.arcsin`. @alias */
export const asin = arcsin;

/**
 * Inverse cosine of each element, in radians.
 *
 * `mx.arccos(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arccos.html
 */
export const arccos = bind('arccos') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.arccos`. @alias */
export const acos = arccos;

/**
 * Inverse tangent of each element, in radians.
 *
 * `mx.arctan(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arctan.html
 */
export const arctan = bind('arctan') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.arctan`. @alias */
export const atan = arctan;

/**
 * Hyperbolic sine of each element.
 *
 * `mx.sinh(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sinh.html
 */
export const sinh = bind('sinh') as (a: Operand, options?: CallOptions) => array;

/**
 * Hyperbolic cosine of each element.
 *
 * `mx.cosh(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cosh.html
 */
export const cosh = bind('cosh') as (a: Operand, options?: CallOptions) => array;

/**
 * Hyperbolic tangent of each element.
 *
 * `mx.tanh(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.tanh.html
 */
export const tanh = bind('tanh') as (a: Operand, options?: CallOptions) => array;

/**
 * Inverse hyperbolic sine of each element.
 *
 * `mx.arcsinh(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arcsinh.html
 */
export const arcsinh = bind('arcsinh') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.arcsinh`. @alias */
export const asinh = arcsinh;

/**
 * Inverse hyperbolic cosine of each element.
 *
 * `mx.arccosh(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arccosh.html
 */
export const arccosh = bind('arccosh') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.arccosh`. @alias */
export const acosh = arccosh;

/**
 * Inverse hyperbolic tangent of each element.
 *
 * `mx.arctanh(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arctanh.html
 */
export const arctanh = bind('arctanh') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.arctanh`. @alias */
export const atanh = arctanh;

/**
 * Each angle turned from radians into degrees.
 *
 * `mx.degrees(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.degrees.html
 */
export const degrees = bind('degrees') as (a: Operand, options?: CallOptions) => array;

/**
 * Each angle turned from degrees into radians.
 *
 * `mx.radians(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.radians.html
 */
export const radians = bind('radians') as (a: Operand, options?: CallOptions) => array;

/**
 * Natural logarithm of each element.
 *
 * `mx.log(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log.html
 */
export const log = bind('log') as (a: Operand, options?: CallOptions) => array;

/**
 * Base 2 logarithm of each element.
 *
 * `mx.log2(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log2.html
 */
export const log2 = bind('log2') as (a: Operand, options?: CallOptions) => array;

/**
 * Base 10 logarithm of each element.
 *
 * `mx.log10(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log10.html
 */
export const log10 = bind('log10') as (a: Operand, options?: CallOptions) => array;
