// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { array, Axes, CallOptions } from '../../types.ts';
import type {
  AllOptions,
  AnyOptions,
  ArgmaxOptions,
  ArgminOptions,
  CummaxOptions,
  CumminOptions,
  CumprodOptions,
  CumsumOptions,
  LogcumsumexpOptions,
  LogsumexpOptions,
  MaxOptions,
  MeanOptions,
  MinOptions,
  ProdOptions,
  StdOptions,
  SumOptions,
  VarOptions,
} from '../core/reduction.ts';

export interface ReductionMethods {
  /**
   * Whether all elements over the given axes are true, as bool.
   *
   * `x.all(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.all.html
   */
  all(options?: AllOptions): array;
  all(axis: Axes | null, options?: Omit<AllOptions, 'axis'>): array;
  all(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Whether any element over the given axes is true, as bool.
   *
   * `x.any(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.any.html
   */
  any(options?: AnyOptions): array;
  any(axis: Axes | null, options?: Omit<AnyOptions, 'axis'>): array;
  any(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Sum of the elements over the given axes.
   *
   * `x.sum(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sum.html
   */
  sum(options?: SumOptions): array;
  sum(axis: Axes | null, options?: Omit<SumOptions, 'axis'>): array;
  sum(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Product of the elements over the given axes.
   *
   * `x.prod(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.prod.html
   */
  prod(options?: ProdOptions): array;
  prod(axis: Axes | null, options?: Omit<ProdOptions, 'axis'>): array;
  prod(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Smallest element over the given axes.
   *
   * `x.min(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.min.html
   */
  min(options?: MinOptions): array;
  min(axis: Axes | null, options?: Omit<MinOptions, 'axis'>): array;
  min(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Largest element over the given axes.
   *
   * `x.max(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.max.html
   */
  max(options?: MaxOptions): array;
  max(axis: Axes | null, options?: Omit<MaxOptions, 'axis'>): array;
  max(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Mean of the elements over the given axes.
   *
   * `x.mean(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.mean.html
   */
  mean(options?: MeanOptions): array;
  mean(axis: Axes | null, options?: Omit<MeanOptions, 'axis'>): array;
  mean(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Variance over the given axes, with ddof taken off the count.
   *
   * `x.var(axis = null, keepdims = false, ddof = 0)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.var.html
   */
  var(options?: VarOptions): array;
  var(axis: Axes | null, options?: Omit<VarOptions, 'axis'>): array;
  var(axis: Axes | null, keepdims: boolean, options?: Omit<VarOptions, 'axis' | 'keepdims'>): array;
  var(axis: Axes | null, keepdims: boolean, ddof: number, options?: CallOptions): array;

  /**
   * Standard deviation over the given axes, with ddof taken off the count.
   *
   * `x.std(axis = null, keepdims = false, ddof = 0)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.std.html
   */
  std(options?: StdOptions): array;
  std(axis: Axes | null, options?: Omit<StdOptions, 'axis'>): array;
  std(axis: Axes | null, keepdims: boolean, options?: Omit<StdOptions, 'axis' | 'keepdims'>): array;
  std(axis: Axes | null, keepdims: boolean, ddof: number, options?: CallOptions): array;

  /**
   * Logarithm of the sum of the exponentials over the given axes, without overflow.
   *
   * `x.logsumexp(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logsumexp.html
   */
  logsumexp(options?: LogsumexpOptions): array;
  logsumexp(axis: Axes | null, options?: Omit<LogsumexpOptions, 'axis'>): array;
  logsumexp(axis: Axes | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Index of the smallest element along an axis, or of the flattened tensor, as uint32.
   *
   * `x.argmin(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.argmin.html
   */
  argmin(options?: ArgminOptions): array;
  argmin(axis: number | null, options?: Omit<ArgminOptions, 'axis'>): array;
  argmin(axis: number | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Index of the largest element along an axis, or of the flattened tensor, as uint32.
   *
   * `x.argmax(axis = null, keepdims = false)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.argmax.html
   */
  argmax(options?: ArgmaxOptions): array;
  argmax(axis: number | null, options?: Omit<ArgmaxOptions, 'axis'>): array;
  argmax(axis: number | null, keepdims: boolean, options?: CallOptions): array;

  /**
   * Running sum along an axis, or of the flattened tensor.
   *
   * `x.cumsum(axis = null, { reverse = false, inclusive = true, dtype = null })`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cumsum.html
   */
  cumsum(options?: CumsumOptions): array;
  cumsum(axis: number | null, options?: Omit<CumsumOptions, 'axis'>): array;

  /**
   * Running product along an axis, or of the flattened tensor.
   *
   * `x.cumprod(axis = null, { reverse = false, inclusive = true, dtype = null })`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cumprod.html
   */
  cumprod(options?: CumprodOptions): array;
  cumprod(axis: number | null, options?: Omit<CumprodOptions, 'axis'>): array;

  /**
   * Running maximum along an axis, or of the flattened tensor.
   *
   * `x.cummax(axis = null, { reverse = false, inclusive = true })`
   */
  cummax(options?: CummaxOptions): array;
  cummax(axis: number | null, options?: Omit<CummaxOptions, 'axis'>): array;

  /**
   * Running minimum along an axis, or of the flattened tensor.
   *
   * `x.cummin(axis = null, { reverse = false, inclusive = true })`
   */
  cummin(options?: CumminOptions): array;
  cummin(axis: number | null, options?: Omit<CumminOptions, 'axis'>): array;

  /**
   * Logarithm of the running sum of exponentials along an axis.
   *
   * `x.logcumsumexp(axis = null, { reverse = false, inclusive = true })`
   */
  logcumsumexp(options?: LogcumsumexpOptions): array;
  logcumsumexp(axis: number | null, options?: Omit<LogcumsumexpOptions, 'axis'>): array;
}
