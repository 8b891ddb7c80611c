// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../bind.ts';
import type { array, CallOptions, DtypeLike, Operand } from '../../types.ts';

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

/**
 * Natural logarithm of one plus each element, exact near zero.
 *
 * `mx.log1p(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log1p.html
 */
export const log1p = bind('log1p') as (a: Operand, options?: CallOptions) => array;

/**
 * Logistic function of each element: 1 / (1 + exp(-a)).
 *
 * `mx.sigmoid(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sigmoid.html
 */
export const sigmoid = bind('sigmoid') as (a: Operand, options?: CallOptions) => array;

/**
 * Each element rounded down.
 *
 * `mx.floor(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.floor.html
 */
export const floor = bind('floor') as (a: Operand, options?: CallOptions) => array;

/**
 * Each element rounded up.
 *
 * `mx.ceil(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.ceil.html
 */
export const ceil = bind('ceil') as (a: Operand, options?: CallOptions) => array;

/** Keywords of `mx.round`. */
export interface RoundOptions extends CallOptions {
  decimals?: number | undefined;
}

/**
 * Each element rounded half to even, to a number of decimals.
 *
 * `mx.round(a, decimals = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.round.html
 */
export const round = bind('round') as {
  (a: Operand, options?: RoundOptions): array;
  (a: Operand, decimals: number, options?: CallOptions): array;
};

/**
 * Logical negation of each element, as bool.
 *
 * `mx.logicalNot(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_not.html
 */
export const logicalNot = bind('logical_not') as (a: Operand, options?: CallOptions) => array;

/**
 * Each bit of each element inverted.
 *
 * `mx.bitwiseInvert(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.bitwise_invert.html
 */
export const bitwiseInvert = bind('bitwise_invert') as (a: Operand, options?: CallOptions) => array;

/**
 * Which elements are NaN, as bool.
 *
 * `mx.isnan(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.isnan.html
 */
export const isnan = bind('isnan') as (a: Operand, options?: CallOptions) => array;

/**
 * Which elements are infinite, as bool.
 *
 * `mx.isinf(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.isinf.html
 */
export const isinf = bind('isinf') as (a: Operand, options?: CallOptions) => array;

/**
 * Which elements are neither infinite nor NaN, as bool.
 *
 * `mx.isfinite(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.isfinite.html
 */
export const isfinite = bind('isfinite') as (a: Operand, options?: CallOptions) => array;

/**
 * Which elements are positive infinity, as bool.
 *
 * `mx.isposinf(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.isposinf.html
 */
export const isposinf = bind('isposinf') as (a: Operand, options?: CallOptions) => array;

/**
 * Which elements are negative infinity, as bool.
 *
 * `mx.isneginf(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.isneginf.html
 */
export const isneginf = bind('isneginf') as (a: Operand, options?: CallOptions) => array;

/** Keywords of `mx.nanToNum`. */
export interface NanToNumOptions extends CallOptions {
  nan?: number | undefined;
  posinf?: number | null | undefined;
  neginf?: number | null | undefined;
}

/**
 * NaN and infinities replaced by finite numbers, by default zero and the limits of the dtype.
 *
 * `mx.nanToNum(a, nan = 0, posinf = null, neginf = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.nan_to_num.html
 */
export const nanToNum = bind('nan_to_num') as {
  (a: Operand, options?: NanToNumOptions): array;
  (a: Operand, nan: number, options?: Omit<NanToNumOptions, 'nan'>): array;
  (a: Operand, nan: number, posinf: number | null, options?: Omit<NanToNumOptions, 'nan' | 'posinf'>): array;
  (a: Operand, nan: number, posinf: number | null, neginf: number | null, options?: CallOptions): array;
};

/**
 * Complex conjugate of each element.
 *
 * `mx.conjugate(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.conjugate.html
 */
export const conjugate = bind('conjugate') as (a: Operand, options?: CallOptions) => array;

/** Another name of `mx.conjugate`. @alias */
export const conj = conjugate;

/**
 * Real part of each element.
 *
 * `mx.real(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.real.html
 */
export const real = bind('real') as (a: Operand, options?: CallOptions) => array;

/**
 * Imaginary part of each element.
 *
 * `mx.imag(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.imag.html
 */
export const imag = bind('imag') as (a: Operand, options?: CallOptions) => array;

/**
 * The tensor itself, through which no gradient flows.
 *
 * `mx.stopGradient(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.stop_gradient.html
 */
export const stopGradient = bind('stop_gradient') as (a: array, options?: CallOptions) => array;

/**
 * The inputs themselves, computed only after the dependencies.
 *
 * `mx.depends(inputs, dependencies)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.depends.html
 */
export const depends = bind('depends') as (
  inputs: readonly array[],
  dependencies: readonly array[],
  options?: CallOptions,
) => array[];

/** Keywords of `mx.astype`. */
export interface AstypeOptions extends CallOptions {
  dtype: DtypeLike;
}

/**
 * Each element converted to another dtype.
 *
 * `mx.astype(a, dtype)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.astype.html
 */
export const astype = bind('astype') as {
  (a: array, options: AstypeOptions): array;
  (a: array, dtype: DtypeLike, options?: CallOptions): array;
};

/** Keywords of `mx.view`. */
export interface ViewOptions extends CallOptions {
  dtype: DtypeLike;
}

/**
 * The bytes of the tensor read as another dtype; the last dimension grows or shrinks with its size.
 *
 * `mx.view(a, dtype)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.view.html
 */
export const view = bind('view') as {
  (a: Operand, options: ViewOptions): array;
  (a: Operand, dtype: DtypeLike, options?: CallOptions): array;
};

/**
 * Each element converted to 8-bit float (E4M3), held as uint8.
 *
 * `mx.toFp8(x)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.to_fp8.html
 */
export const toFp8 = bind('to_fp8') as (x: array, options?: CallOptions) => array;

/** Keywords of `mx.fromFp8`. */
export interface FromFp8Options extends CallOptions {
  dtype?: DtypeLike | undefined;
}

/**
 * Each uint8 read as an 8-bit float (E4M3) and converted to a floating dtype.
 *
 * `mx.fromFp8(x, dtype = bfloat16)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.from_fp8.html
 */
export const fromFp8 = bind('from_fp8') as {
  (x: array, options?: FromFp8Options): array;
  (x: array, dtype: DtypeLike, options?: CallOptions): array;
};

/** Keywords of `mx.hadamardTransform`. */
export interface HadamardTransformOptions extends CallOptions {
  scale?: number | null | undefined;
}

/**
 * Hadamard transform along the last axis, times a scale of 1/sqrt(n) by default.
 *
 * `mx.hadamardTransform(a, scale = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.hadamard_transform.html
 */
export const hadamardTransform = bind('hadamard_transform') as {
  (a: array, options?: HadamardTransformOptions): array;
  (a: array, scale: number | null, options?: CallOptions): array;
};
