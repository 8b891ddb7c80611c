// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, DtypeLike, Operand, Shape } from '../../types.ts';

/** Keywords of `mx.arange`. */
export interface ArangeOptions extends CallOptions {
  start: number | bigint;
  stop?: number | bigint | null | undefined;
  step?: number | bigint | null | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * Evenly spaced numbers from start up to stop, stop left out; with one number, from zero up to it.
 *
 * `mx.arange(start, stop = null, step = null, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.arange.html
 */
export const arange = bind('arange') as {
  (options: ArangeOptions): array;
  (start: number | bigint, options?: Omit<ArangeOptions, 'start'>): array;
  (start: number | bigint, stop: number | bigint | null, options?: Omit<ArangeOptions, 'start' | 'stop'>): array;
  (
    start: number | bigint,
    stop: number | bigint | null,
    step: number | bigint | null,
    options?: Omit<ArangeOptions, 'start' | 'stop' | 'step'>,
  ): array;
  (
    start: number | bigint,
    stop: number | bigint | null,
    step: number | bigint | null,
    dtype: DtypeLike | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.linspace`. */
export interface LinspaceOptions extends CallOptions {
  start: number | bigint;
  stop: number | bigint;
  num?: number | undefined;
  endpoint?: boolean | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * So many evenly spaced numbers from start to stop.
 *
 * `mx.linspace(start, stop, num = 50, endpoint = true, dtype = float32)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.linspace.html
 */
export const linspace = bind('linspace') as {
  (options: LinspaceOptions): array;
  (start: number | bigint, options: Omit<LinspaceOptions, 'start'>): array;
  (start: number | bigint, stop: number | bigint, options?: Omit<LinspaceOptions, 'start' | 'stop'>): array;
  (
    start: number | bigint,
    stop: number | bigint,
    num: number,
    options?: Omit<LinspaceOptions, 'start' | 'stop' | 'num'>,
  ): array;
  (
    start: number | bigint,
    stop: number | bigint,
    num: number,
    endpoint: boolean,
    options?: Omit<LinspaceOptions, 'start' | 'stop' | 'num' | 'endpoint'>,
  ): array;
  (
    start: number | bigint,
    stop: number | bigint,
    num: number,
    endpoint: boolean,
    dtype: DtypeLike | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.zeros`. */
export interface ZerosOptions extends CallOptions {
  shape: Shape;
  dtype?: DtypeLike | null | undefined;
}

/**
 * A tensor of zeros.
 *
 * `mx.zeros(shape, dtype = float32)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.zeros.html
 */
export const zeros = bind('zeros') as {
  (options: ZerosOptions): array;
  (shape: Shape, options?: Omit<ZerosOptions, 'shape'>): array;
  (shape: Shape, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Another name of `mx.zeros`. @alias */
export const empty = zeros;

/** Keywords of `mx.ones`. */
export interface OnesOptions extends CallOptions {
  shape: Shape;
  dtype?: DtypeLike | null | undefined;
}

/**
 * A tensor of ones.
 *
 * `mx.ones(shape, dtype = float32)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.ones.html
 */
export const ones = bind('ones') as {
  (options: OnesOptions): array;
  (shape: Shape, options?: Omit<OnesOptions, 'shape'>): array;
  (shape: Shape, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.full`. */
export interface FullOptions extends CallOptions {
  shape: Shape;
  vals: Operand;
  dtype?: DtypeLike | null | undefined;
}

/**
 * A tensor filled with a value, or with a tensor broadcast to the shape.
 *
 * `mx.full(shape, vals, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.full.html
 */
export const full = bind('full') as {
  (options: FullOptions): array;
  (shape: Shape, options: Omit<FullOptions, 'shape'>): array;
  (shape: Shape, vals: Operand, options?: Omit<FullOptions, 'shape' | 'vals'>): array;
  (shape: Shape, vals: Operand, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.zerosLike`. */
export interface ZerosLikeOptions extends CallOptions {
  dtype?: DtypeLike | null | undefined;
}

/**
 * A tensor of zeros with the shape and, unless given, the dtype of another.
 *
 * `mx.zerosLike(a, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.zeros_like.html
 */
export const zerosLike = bind('zeros_like') as {
  (a: array, options?: ZerosLikeOptions): array;
  (a: array, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Another name of `mx.zerosLike`. @alias */
export const emptyLike = zerosLike;

/** Keywords of `mx.onesLike`. */
export interface OnesLikeOptions extends CallOptions {
  dtype?: DtypeLike | null | undefined;
}

/**
 * A tensor of ones with the shape and, unless given, the dtype of another.
 *
 * `mx.onesLike(a, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.ones_like.html
 */
export const onesLike = bind('ones_like') as {
  (a: array, options?: OnesLikeOptions): array;
  (a: array, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.fullLike`. */
export interface FullLikeOptions extends CallOptions {
  vals: Operand;
  dtype?: DtypeLike | null | undefined;
}

/**
 * A tensor filled with a value, with the shape and, unless given, the dtype of another.
 *
 * `mx.fullLike(a, vals, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.full_like.html
 */
export const fullLike = bind('full_like') as {
  (a: array, options: FullLikeOptions): array;
  (a: array, vals: Operand, options?: Omit<FullLikeOptions, 'vals'>): array;
  (a: array, vals: Operand, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.eye`. */
export interface EyeOptions extends CallOptions {
  n: number;
  m?: number | null | undefined;
  k?: number | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * An (n, m) matrix with ones on its k-th diagonal and zeros elsewhere.
 *
 * `mx.eye(n, m = null, k = 0, dtype = float32)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.eye.html
 */
export const eye = bind('eye') as {
  (options: EyeOptions): array;
  (n: number, options?: Omit<EyeOptions, 'n'>): array;
  (n: number, m: number | null, options?: Omit<EyeOptions, 'n' | 'm'>): array;
  (n: number, m: number | null, k: number, options?: Omit<EyeOptions, 'n' | 'm' | 'k'>): array;
  (n: number, m: number | null, k: number, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.identity`. */
export interface IdentityOptions extends CallOptions {
  n: number;
  dtype?: DtypeLike | null | undefined;
}

/**
 * The (n, n) identity matrix.
 *
 * `mx.identity(n, dtype = float32)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.identity.html
 */
export const identity = bind('identity') as {
  (options: IdentityOptions): array;
  (n: number, options?: Omit<IdentityOptions, 'n'>): array;
  (n: number, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.tri`. */
export interface TriOptions extends CallOptions {
  n: number;
  m?: number | null | undefined;
  k?: number | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * An (n, m) matrix with ones at and below its k-th diagonal and zeros above.
 *
 * `mx.tri(n, m = null, k = 0, dtype = float32)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.tri.html
 */
export const tri = bind('tri') as {
  (options: TriOptions): array;
  (n: number, options?: Omit<TriOptions, 'n'>): array;
  (n: number, m: number | null, options?: Omit<TriOptions, 'n' | 'm'>): array;
  (n: number, m: number | null, k: number, options?: Omit<TriOptions, 'n' | 'm' | 'k'>): array;
  (n: number, m: number | null, k: number, dtype: DtypeLike | null, options?: CallOptions): array;
};

/** Keywords of `mx.tril`. */
export interface TrilOptions extends CallOptions {
  k?: number | undefined;
}

/**
 * The elements at and below the k-th diagonal, zeros above.
 *
 * `mx.tril(x, k = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.tril.html
 */
export const tril = bind('tril') as {
  (x: array, options?: TrilOptions): array;
  (x: array, k: number, options?: CallOptions): array;
};

/** Keywords of `mx.triu`. */
export interface TriuOptions extends CallOptions {
  k?: number | undefined;
}

/**
 * The elements at and above the k-th diagonal, zeros below.
 *
 * `mx.triu(x, k = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.triu.html
 */
export const triu = bind('triu') as {
  (x: array, options?: TriuOptions): array;
  (x: array, k: number, options?: CallOptions): array;
};

/** Keywords of `mx.bartlett`. */
export interface BartlettOptions extends CallOptions {
  M: number;
}

/**
 * The Bartlett (triangular) window of M samples.
 *
 * `mx.bartlett(M)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.bartlett.html
 */
export const bartlett = bind('bartlett') as {
  (options: BartlettOptions): array;
  (M: number, options?: CallOptions): array;
};

/** Keywords of `mx.blackman`. */
export interface BlackmanOptions extends CallOptions {
  M: number;
}

/**
 * The Blackman window of M samples.
 *
 * `mx.blackman(M)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.blackman.html
 */
export const blackman = bind('blackman') as {
  (options: BlackmanOptions): array;
  (M: number, options?: CallOptions): array;
};

/** Keywords of `mx.hamming`. */
export interface HammingOptions extends CallOptions {
  M: number;
}

/**
 * The Hamming window of M samples.
 *
 * `mx.hamming(M)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.hamming.html
 */
export const hamming = bind('hamming') as {
  (options: HammingOptions): array;
  (M: number, options?: CallOptions): array;
};

/** Keywords of `mx.hanning`. */
export interface HanningOptions extends CallOptions {
  M: number;
}

/**
 * The Hann window of M samples.
 *
 * `mx.hanning(M)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.hanning.html
 */
export const hanning = bind('hanning') as {
  (options: HanningOptions): array;
  (M: number, options?: CallOptions): array;
};
