// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, DtypeLike, Operand } from '../../types.ts';

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
