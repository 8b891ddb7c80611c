// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, Axes, CallOptions, DtypeLike } from '../../types.ts';

/** Keywords of `mx.all`. */
export interface AllOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Whether all elements over the given axes are true, as bool.
 *
 * `mx.all(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.all.html
 */
export const all = bind('all') as {
  (a: array, options?: AllOptions): array;
  (a: array, axis: Axes | null, options?: Omit<AllOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.any`. */
export interface AnyOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Whether any element over the given axes is true, as bool.
 *
 * `mx.any(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.any.html
 */
export const any = bind('any') as {
  (a: array, options?: AnyOptions): array;
  (a: array, axis: Axes | null, options?: Omit<AnyOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.sum`. */
export interface SumOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Sum of the elements over the given axes.
 *
 * `mx.sum(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sum.html
 */
export const sum = bind('sum') as {
  (a: array, options?: SumOptions): array;
  (a: array, axis: Axes | null, options?: Omit<SumOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.prod`. */
export interface ProdOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Product of the elements over the given axes.
 *
 * `mx.prod(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.prod.html
 */
export const prod = bind('prod') as {
  (a: array, options?: ProdOptions): array;
  (a: array, axis: Axes | null, options?: Omit<ProdOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.min`. */
export interface MinOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Smallest element over the given axes.
 *
 * `mx.min(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.min.html
 */
export const min = bind('min') as {
  (a: array, options?: MinOptions): array;
  (a: array, axis: Axes | null, options?: Omit<MinOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.max`. */
export interface MaxOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Largest element over the given axes.
 *
 * `mx.max(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.max.html
 */
export const max = bind('max') as {
  (a: array, options?: MaxOptions): array;
  (a: array, axis: Axes | null, options?: Omit<MaxOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.mean`. */
export interface MeanOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Mean of the elements over the given axes.
 *
 * `mx.mean(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.mean.html
 */
export const mean = bind('mean') as {
  (a: array, options?: MeanOptions): array;
  (a: array, axis: Axes | null, options?: Omit<MeanOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.median`. */
export interface MedianOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Median of the elements over the given axes.
 *
 * `mx.median(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.median.html
 */
export const median = bind('median') as {
  (a: array, options?: MedianOptions): array;
  (a: array, axis: Axes | null, options?: Omit<MedianOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.var`. */
export interface VarOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
  ddof?: number | undefined;
}

/**
 * Variance over the given axes, with ddof taken off the count.
 *
 * `mx.var(a, axis = null, keepdims = false, ddof = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.var.html
 */
const var_ = bind('var') as {
  (a: array, options?: VarOptions): array;
  (a: array, axis: Axes | null, options?: Omit<VarOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: Omit<VarOptions, 'axis' | 'keepdims'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, ddof: number, options?: CallOptions): array;
};

/** Keywords of `mx.std`. */
export interface StdOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
  ddof?: number | undefined;
}

/**
 * Standard deviation over the given axes, with ddof taken off the count.
 *
 * `mx.std(a, axis = null, keepdims = false, ddof = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.std.html
 */
export const std = bind('std') as {
  (a: array, options?: StdOptions): array;
  (a: array, axis: Axes | null, options?: Omit<StdOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: Omit<StdOptions, 'axis' | 'keepdims'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, ddof: number, options?: CallOptions): array;
};

/** Keywords of `mx.logsumexp`. */
export interface LogsumexpOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Logarithm of the sum of the exponentials over the given axes, without overflow.
 *
 * `mx.logsumexp(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logsumexp.html
 */
export const logsumexp = bind('logsumexp') as {
  (a: array, options?: LogsumexpOptions): array;
  (a: array, axis: Axes | null, options?: Omit<LogsumexpOptions, 'axis'>): array;
  (a: array, axis: Axes | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.countNonzero`. */
export interface CountNonzeroOptions extends CallOptions {
  axis?: Axes | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Number of elements over the given axes that are not zero.
 *
 * `mx.countNonzero(a, { axis = null, keepdims = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.count_nonzero.html
 */
export const countNonzero = bind('count_nonzero') as (a: array, options?: CountNonzeroOptions) => array;

/** Keywords of `mx.argmin`. */
export interface ArgminOptions extends CallOptions {
  axis?: number | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Index of the smallest element along an axis, or of the flattened tensor, as uint32.
 *
 * `mx.argmin(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.argmin.html
 */
export const argmin = bind('argmin') as {
  (a: array, options?: ArgminOptions): array;
  (a: array, axis: number | null, options?: Omit<ArgminOptions, 'axis'>): array;
  (a: array, axis: number | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.argmax`. */
export interface ArgmaxOptions extends CallOptions {
  axis?: number | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * Index of the largest element along an axis, or of the flattened tensor, as uint32.
 *
 * `mx.argmax(a, axis = null, keepdims = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.argmax.html
 */
export const argmax = bind('argmax') as {
  (a: array, options?: ArgmaxOptions): array;
  (a: array, axis: number | null, options?: Omit<ArgmaxOptions, 'axis'>): array;
  (a: array, axis: number | null, keepdims: boolean, options?: CallOptions): array;
};

/** Keywords of `mx.cumsum`. */
export interface CumsumOptions extends CallOptions {
  axis?: number | null | undefined;
  reverse?: boolean | undefined;
  inclusive?: boolean | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * Running sum along an axis, or of the flattened tensor.
 *
 * `mx.cumsum(a, axis = null, { reverse = false, inclusive = true, dtype = null })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cumsum.html
 */
export const cumsum = bind('cumsum') as {
  (a: array, options?: CumsumOptions): array;
  (a: array, axis: number | null, options?: Omit<CumsumOptions, 'axis'>): array;
};

/** Another name of `mx.cumsum`. @alias */
export const cumulativeSum = cumsum;

/** Keywords of `mx.cumprod`. */
export interface CumprodOptions extends CallOptions {
  axis?: number | null | undefined;
  reverse?: boolean | undefined;
  inclusive?: boolean | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * Running product along an axis, or of the flattened tensor.
 *
 * `mx.cumprod(a, axis = null, { reverse = false, inclusive = true, dtype = null })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cumprod.html
 */
export const cumprod = bind('cumprod') as {
  (a: array, options?: CumprodOptions): array;
  (a: array, axis: number | null, options?: Omit<CumprodOptions, 'axis'>): array;
};

/** Another name of `mx.cumprod`. @alias */
export const cumulativeProd = cumprod;

/** Keywords of `mx.cummax`. */
export interface CummaxOptions extends CallOptions {
  axis?: number | null | undefined;
  reverse?: boolean | undefined;
  inclusive?: boolean | undefined;
}

/**
 * Running maximum along an axis, or of the flattened tensor.
 *
 * `mx.cummax(a, axis = null, { reverse = false, inclusive = true })`
 */
export const cummax = bind('cummax') as {
  (a: array, options?: CummaxOptions): array;
  (a: array, axis: number | null, options?: Omit<CummaxOptions, 'axis'>): array;
};

/** Keywords of `mx.cummin`. */
export interface CumminOptions extends CallOptions {
  axis?: number | null | undefined;
  reverse?: boolean | undefined;
  inclusive?: boolean | undefined;
}

/**
 * Running minimum along an axis, or of the flattened tensor.
 *
 * `mx.cummin(a, axis = null, { reverse = false, inclusive = true })`
 */
export const cummin = bind('cummin') as {
  (a: array, options?: CumminOptions): array;
  (a: array, axis: number | null, options?: Omit<CumminOptions, 'axis'>): array;
};

/** Keywords of `mx.logcumsumexp`. */
export interface LogcumsumexpOptions extends CallOptions {
  axis?: number | null | undefined;
  reverse?: boolean | undefined;
  inclusive?: boolean | undefined;
}

/**
 * Logarithm of the running sum of exponentials along an axis.
 *
 * `mx.logcumsumexp(a, axis = null, { reverse = false, inclusive = true })`
 */
export const logcumsumexp = bind('logcumsumexp') as {
  (a: array, options?: LogcumsumexpOptions): array;
  (a: array, axis: number | null, options?: Omit<LogcumsumexpOptions, 'axis'>): array;
};

/** Keywords of `mx.diff`. */
export interface DiffOptions extends CallOptions {
  n?: number | undefined;
  axis?: number | undefined;
}

/**
 * The n-th difference of neighbours along an axis.
 *
 * `mx.diff(a, n = 1, axis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.diff.html
 */
export const diff = bind('diff') as {
  (a: array, options?: DiffOptions): array;
  (a: array, n: number, options?: Omit<DiffOptions, 'n'>): array;
  (a: array, n: number, axis: number, options?: CallOptions): array;
};

/** Keywords of `mx.softmax`. */
export interface SoftmaxOptions extends CallOptions {
  axis?: Axes | null | undefined;
  precise?: boolean | undefined;
}

/**
 * Exponentials divided by their sum over the given axes.
 *
 * `mx.softmax(a, axis = null, { precise = false })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.softmax.html
 */
export const softmax = bind('softmax') as {
  (a: array, options?: SoftmaxOptions): array;
  (a: array, axis: Axes | null, options?: Omit<SoftmaxOptions, 'axis'>): array;
};

export { var_ as var };
