// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../operations/bind.ts';
import type { array, CallOptions, DtypeLike, Operand, Shape } from '../types.ts';

/** Keywords of `mx.random.key`. */
export interface KeyOptions extends CallOptions {
  seed: number | bigint;
}

/**
 * A key of the random number generator from a seed, as two uint32.
 *
 * `mx.random.key(seed)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.key.html
 */
export const key = bind('random.key') as {
  (options: KeyOptions): array;
  (seed: number | bigint, options?: CallOptions): array;
};

/** Keywords of `mx.random.split`. */
export interface SplitOptions extends CallOptions {
  num?: number | undefined;
}

/**
 * So many independent keys out of one, as (num, 2) uint32.
 *
 * `mx.random.split(key, num = 2)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.split.html
 */
export const split = bind('random.split') as {
  (key: array, options?: SplitOptions): array;
  (key: array, num: number, options?: CallOptions): array;
};

/** Keywords of `mx.random.uniform`. */
export interface UniformOptions extends CallOptions {
  low?: Operand | undefined;
  high?: Operand | undefined;
  shape?: Shape | undefined;
  dtype?: DtypeLike | null | undefined;
  key?: array | null | undefined;
}

/**
 * Numbers drawn evenly from low up to high, high left out.
 *
 * `mx.random.uniform(low = 0, high = 1, shape = [], dtype = float32, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.uniform.html
 */
export const uniform = bind('random.uniform') as {
  (options?: UniformOptions): array;
  (low: Operand, options?: Omit<UniformOptions, 'low'>): array;
  (low: Operand, high: Operand, options?: Omit<UniformOptions, 'low' | 'high'>): array;
  (low: Operand, high: Operand, shape: Shape, options?: Omit<UniformOptions, 'low' | 'high' | 'shape'>): array;
  (
    low: Operand,
    high: Operand,
    shape: Shape,
    dtype: DtypeLike | null,
    options?: Omit<UniformOptions, 'low' | 'high' | 'shape' | 'dtype'>,
  ): array;
  (low: Operand, high: Operand, shape: Shape, dtype: DtypeLike | null, key: array | null, options?: CallOptions): array;
};

/** Keywords of `mx.random.normal`. */
export interface NormalOptions extends CallOptions {
  shape?: Shape | undefined;
  dtype?: DtypeLike | null | undefined;
  loc?: Operand | null | undefined;
  scale?: Operand | null | undefined;
  key?: array | null | undefined;
}

/**
 * Numbers drawn from the normal distribution of the given mean and standard deviation.
 *
 * `mx.random.normal(shape = [], dtype = float32, loc = null, scale = null, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.normal.html
 */
export const normal = bind('random.normal') as {
  (options?: NormalOptions): array;
  (shape: Shape, options?: Omit<NormalOptions, 'shape'>): array;
  (shape: Shape, dtype: DtypeLike | null, options?: Omit<NormalOptions, 'shape' | 'dtype'>): array;
  (
    shape: Shape,
    dtype: DtypeLike | null,
    loc: Operand | null,
    options?: Omit<NormalOptions, 'shape' | 'dtype' | 'loc'>,
  ): array;
  (
    shape: Shape,
    dtype: DtypeLike | null,
    loc: Operand | null,
    scale: Operand | null,
    options?: Omit<NormalOptions, 'shape' | 'dtype' | 'loc' | 'scale'>,
  ): array;
  (
    shape: Shape,
    dtype: DtypeLike | null,
    loc: Operand | null,
    scale: Operand | null,
    key: array | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.random.multivariateNormal`. */
export interface MultivariateNormalOptions extends CallOptions {
  shape?: Shape | undefined;
  dtype?: DtypeLike | null | undefined;
  key?: array | null | undefined;
}

/**
 * Vectors drawn from the normal distribution of the given means (..., n) and covariances (..., n, n).
 *
 * `mx.random.multivariateNormal(mean, cov, shape = [], dtype = float32, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.multivariate_normal.html
 */
export const multivariateNormal = bind('random.multivariate_normal') as {
  (mean: array, cov: array, options?: MultivariateNormalOptions): array;
  (mean: array, cov: array, shape: Shape, options?: Omit<MultivariateNormalOptions, 'shape'>): array;
  (
    mean: array,
    cov: array,
    shape: Shape,
    dtype: DtypeLike | null,
    options?: Omit<MultivariateNormalOptions, 'shape' | 'dtype'>,
  ): array;
  (mean: array, cov: array, shape: Shape, dtype: DtypeLike | null, key: array | null, options?: CallOptions): array;
};

/** Keywords of `mx.random.randint`. */
export interface RandintOptions extends CallOptions {
  low: Operand;
  high: Operand;
  shape?: Shape | undefined;
  dtype?: DtypeLike | null | undefined;
  key?: array | null | undefined;
}

/**
 * Integers drawn evenly from low up to high, high left out.
 *
 * `mx.random.randint(low, high, shape = [], dtype = int32, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.randint.html
 */
export const randint = bind('random.randint') as {
  (options: RandintOptions): array;
  (low: Operand, options: Omit<RandintOptions, 'low'>): array;
  (low: Operand, high: Operand, options?: Omit<RandintOptions, 'low' | 'high'>): array;
  (low: Operand, high: Operand, shape: Shape, options?: Omit<RandintOptions, 'low' | 'high' | 'shape'>): array;
  (
    low: Operand,
    high: Operand,
    shape: Shape,
    dtype: DtypeLike | null,
    options?: Omit<RandintOptions, 'low' | 'high' | 'shape' | 'dtype'>,
  ): array;
  (low: Operand, high: Operand, shape: Shape, dtype: DtypeLike | null, key: array | null, options?: CallOptions): array;
};

/** Keywords of `mx.random.bernoulli`. */
export interface BernoulliOptions extends CallOptions {
  p?: Operand | undefined;
  shape?: Shape | null | undefined;
  key?: array | null | undefined;
}

/**
 * True with probability p, false otherwise, as bool.
 *
 * `mx.random.bernoulli(p = 0.5, shape = null, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.bernoulli.html
 */
export const bernoulli = bind('random.bernoulli') as {
  (options?: BernoulliOptions): array;
  (p: Operand, options?: Omit<BernoulliOptions, 'p'>): array;
  (p: Operand, shape: Shape | null, options?: Omit<BernoulliOptions, 'p' | 'shape'>): array;
  (p: Operand, shape: Shape | null, key: array | null, options?: CallOptions): array;
};

/** Keywords of `mx.random.truncatedNormal`. */
export interface TruncatedNormalOptions extends CallOptions {
  lower: Operand;
  upper: Operand;
  shape?: Shape | null | undefined;
  dtype?: DtypeLike | null | undefined;
  key?: array | null | undefined;
}

/**
 * Numbers drawn from the standard normal distribution between two bounds.
 *
 * `mx.random.truncatedNormal(lower, upper, shape = null, dtype = float32, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.truncated_normal.html
 */
export const truncatedNormal = bind('random.truncated_normal') as {
  (options: TruncatedNormalOptions): array;
  (lower: Operand, options: Omit<TruncatedNormalOptions, 'lower'>): array;
  (lower: Operand, upper: Operand, options?: Omit<TruncatedNormalOptions, 'lower' | 'upper'>): array;
  (
    lower: Operand,
    upper: Operand,
    shape: Shape | null,
    options?: Omit<TruncatedNormalOptions, 'lower' | 'upper' | 'shape'>,
  ): array;
  (
    lower: Operand,
    upper: Operand,
    shape: Shape | null,
    dtype: DtypeLike | null,
    options?: Omit<TruncatedNormalOptions, 'lower' | 'upper' | 'shape' | 'dtype'>,
  ): array;
  (
    lower: Operand,
    upper: Operand,
    shape: Shape | null,
    dtype: DtypeLike | null,
    key: array | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.random.gumbel`. */
export interface GumbelOptions extends CallOptions {
  shape?: Shape | undefined;
  dtype?: DtypeLike | null | undefined;
  key?: array | null | undefined;
}

/**
 * Numbers drawn from the standard Gumbel distribution.
 *
 * `mx.random.gumbel(shape = [], dtype = float32, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.gumbel.html
 */
export const gumbel = bind('random.gumbel') as {
  (options?: GumbelOptions): array;
  (shape: Shape, options?: Omit<GumbelOptions, 'shape'>): array;
  (shape: Shape, dtype: DtypeLike | null, options?: Omit<GumbelOptions, 'shape' | 'dtype'>): array;
  (shape: Shape, dtype: DtypeLike | null, key: array | null, options?: CallOptions): array;
};

/** Keywords of `mx.random.categorical`. */
export interface CategoricalOptions extends CallOptions {
  axis?: number | undefined;
  shape?: Shape | null | undefined;
  numSamples?: number | null | undefined;
  key?: array | null | undefined;
}

/**
 * Classes drawn along an axis with the probabilities that the logits give, as uint32.
 *
 * `mx.random.categorical(logits, axis = -1, shape = null, numSamples = null, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.categorical.html
 */
export const categorical = bind('random.categorical') as {
  (logits: array, options?: CategoricalOptions): array;
  (logits: array, axis: number, options?: Omit<CategoricalOptions, 'axis'>): array;
  (logits: array, axis: number, shape: Shape | null, options?: Omit<CategoricalOptions, 'axis' | 'shape'>): array;
  (
    logits: array,
    axis: number,
    shape: Shape | null,
    numSamples: number | null,
    options?: Omit<CategoricalOptions, 'axis' | 'shape' | 'numSamples'>,
  ): array;
  (
    logits: array,
    axis: number,
    shape: Shape | null,
    numSamples: number | null,
    key: array | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.random.laplace`. */
export interface LaplaceOptions extends CallOptions {
  shape?: Shape | undefined;
  dtype?: DtypeLike | null | undefined;
  loc?: number | undefined;
  scale?: number | undefined;
  key?: array | null | undefined;
}

/**
 * Numbers drawn from the Laplace distribution of the given mean and scale.
 *
 * `mx.random.laplace(shape = [], dtype = float32, loc = 0, scale = 1, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.laplace.html
 */
export const laplace = bind('random.laplace') as {
  (options?: LaplaceOptions): array;
  (shape: Shape, options?: Omit<LaplaceOptions, 'shape'>): array;
  (shape: Shape, dtype: DtypeLike | null, options?: Omit<LaplaceOptions, 'shape' | 'dtype'>): array;
  (
    shape: Shape,
    dtype: DtypeLike | null,
    loc: number,
    options?: Omit<LaplaceOptions, 'shape' | 'dtype' | 'loc'>,
  ): array;
  (
    shape: Shape,
    dtype: DtypeLike | null,
    loc: number,
    scale: number,
    options?: Omit<LaplaceOptions, 'shape' | 'dtype' | 'loc' | 'scale'>,
  ): array;
  (shape: Shape, dtype: DtypeLike | null, loc: number, scale: number, key: array | null, options?: CallOptions): array;
};

/** Keywords of `mx.random.permutation`. */
export interface PermutationOptions extends CallOptions {
  x: number | array;
  axis?: number | undefined;
  key?: array | null | undefined;
}

/**
 * The numbers from 0 up to x, or the slices of a tensor along an axis, in random order.
 *
 * `mx.random.permutation(x, axis = 0, key = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.random.permutation.html
 */
export const permutation = bind('random.permutation') as {
  (options: PermutationOptions): array;
  (x: number | array, options?: Omit<PermutationOptions, 'x'>): array;
  (x: number | array, axis: number, options?: Omit<PermutationOptions, 'x' | 'axis'>): array;
  (x: number | array, axis: number, key: array | null, options?: CallOptions): array;
};
