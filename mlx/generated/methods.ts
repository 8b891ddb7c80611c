// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { array, Axes, CallOptions, DtypeLike, Operand, Parts, Shape } from '../types.ts';
import type { AstypeOptions, RoundOptions, ViewOptions } from './core/unary.ts';
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
} from './core/reduction.ts';
import type {
  DiagOptions,
  DiagonalOptions,
  FlattenOptions,
  MoveaxisOptions,
  ReshapeOptions,
  SplitOptions,
  SqueezeOptions,
  SwapaxesOptions,
  TransposeOptions,
} from './core/shape.ts';

/** The operations that are also methods of `mx.array`, the tensor being their first parameter. */
export interface ArrayMethods {
  /**
   * Absolute value of each element.
   *
   * `x.abs()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.abs.html
   */
  abs(options?: CallOptions): array;

  /**
   * Square of each element.
   *
   * `x.square()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.square.html
   */
  square(options?: CallOptions): array;

  /**
   * Square root of each element.
   *
   * `x.sqrt()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sqrt.html
   */
  sqrt(options?: CallOptions): array;

  /**
   * One over the square root of each element.
   *
   * `x.rsqrt()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.rsqrt.html
   */
  rsqrt(options?: CallOptions): array;

  /**
   * One over each element.
   *
   * `x.reciprocal()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.reciprocal.html
   */
  reciprocal(options?: CallOptions): array;

  /**
   * The exponential of each element: e to its power.
   *
   * `x.exp()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.exp.html
   */
  exp(options?: CallOptions): array;

  /**
   * Sine of each element in radians.
   *
   * `x.sin()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.sin.html
   */
  sin(options?: CallOptions): array;

  /**
   * Cosine of each element in radians.
   *
   * `x.cos()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.cos.html
   */
  cos(options?: CallOptions): array;

  /**
   * Natural logarithm of each element.
   *
   * `x.log()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log.html
   */
  log(options?: CallOptions): array;

  /**
   * Base 2 logarithm of each element.
   *
   * `x.log2()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log2.html
   */
  log2(options?: CallOptions): array;

  /**
   * Base 10 logarithm of each element.
   *
   * `x.log10()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log10.html
   */
  log10(options?: CallOptions): array;

  /**
   * Natural logarithm of one plus each element, exact near zero.
   *
   * `x.log1p()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.log1p.html
   */
  log1p(options?: CallOptions): array;

  /**
   * Each element rounded half to even, to a number of decimals.
   *
   * `x.round(decimals = 0)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.round.html
   */
  round(options?: RoundOptions): array;
  round(decimals: number, options?: CallOptions): array;

  /**
   * Logical negation of each element, as bool.
   *
   * `x.logicalNot()`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_not.html
   */
  logicalNot(options?: CallOptions): array;

  /**
   * Each element converted to another dtype.
   *
   * `x.astype(dtype)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.astype.html
   */
  astype(options: AstypeOptions): array;
  astype(dtype: DtypeLike, options?: CallOptions): array;

  /**
   * The bytes of the tensor read as another dtype; the last dimension grows or shrinks with its size.
   *
   * `x.view(dtype)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.view.html
   */
  view(options: ViewOptions): array;
  view(dtype: DtypeLike, options?: CallOptions): array;

  /**
   * Smaller of two elements; NaN if either is.
   *
   * `x.minimum(b)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.minimum.html
   */
  minimum(b: Operand, options?: CallOptions): array;

  /**
   * Larger of two elements; NaN if either is.
   *
   * `x.maximum(b)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.maximum.html
   */
  maximum(b: Operand, options?: CallOptions): array;

  /**
   * Where both elements are true, as bool.
   *
   * `x.logicalAnd(b)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_and.html
   */
  logicalAnd(b: Operand, options?: CallOptions): array;

  /**
   * Where either element is true, as bool.
   *
   * `x.logicalOr(b)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.logical_or.html
   */
  logicalOr(b: Operand, options?: CallOptions): array;

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

  /**
   * The same elements in another shape, of which one size may be -1: what is left over.
   *
   * `x.reshape(shape)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.reshape.html
   */
  reshape(options: ReshapeOptions): array;
  reshape(shape: Shape, options?: CallOptions): array;
  reshape(...shape: number[]): array;
  reshape(...shapeAndOptions: [...shape: number[], options: CallOptions]): array;

  /**
   * The axes from one to another, both included, made into one.
   *
   * `x.flatten(startAxis = 0, endAxis = -1)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.flatten.html
   */
  flatten(options?: FlattenOptions): array;
  flatten(startAxis: number, options?: Omit<FlattenOptions, 'startAxis'>): array;
  flatten(startAxis: number, endAxis: number, options?: CallOptions): array;

  /**
   * Without the axes of size one, or without the given ones.
   *
   * `x.squeeze(axis = null)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.squeeze.html
   */
  squeeze(options?: SqueezeOptions): array;
  squeeze(axis: Axes | null, options?: CallOptions): array;

  /**
   * One axis moved to another place, the others in order.
   *
   * `x.moveaxis(source, destination)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.moveaxis.html
   */
  moveaxis(options: MoveaxisOptions): array;
  moveaxis(source: number, options: Omit<MoveaxisOptions, 'source'>): array;
  moveaxis(source: number, destination: number, options?: CallOptions): array;

  /**
   * Two axes exchanged.
   *
   * `x.swapaxes(axis1, axis2)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.swapaxes.html
   */
  swapaxes(options: SwapaxesOptions): array;
  swapaxes(axis1: number, options: Omit<SwapaxesOptions, 'axis1'>): array;
  swapaxes(axis1: number, axis2: number, options?: CallOptions): array;

  /**
   * The axes in the given order, or all reversed.
   *
   * `x.transpose(axes = null)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.transpose.html
   */
  transpose(options?: TransposeOptions): array;
  transpose(axes: readonly number[] | null, options?: CallOptions): array;
  transpose(...axes: number[]): array;
  transpose(...axesAndOptions: [...axes: number[], options: CallOptions]): array;

  /**
   * Parts along an axis: so many equal ones, or cut before each of the given indices.
   *
   * `x.split(indicesOrSections, axis = 0)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.split.html
   */
  split<const IndicesOrSections extends Axes>(
    options: SplitOptions & { indicesOrSections: IndicesOrSections },
  ): Parts<IndicesOrSections>;
  split<const IndicesOrSections extends Axes>(
    indicesOrSections: IndicesOrSections,
    options?: Omit<SplitOptions, 'indicesOrSections'>,
  ): Parts<IndicesOrSections>;
  split<const IndicesOrSections extends Axes>(
    indicesOrSections: IndicesOrSections,
    axis: number,
    options?: CallOptions,
  ): Parts<IndicesOrSections>;

  /**
   * Diagonals of the matrices that two axes make.
   *
   * `x.diagonal(offset = 0, axis1 = 0, axis2 = 1)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.diagonal.html
   */
  diagonal(options?: DiagonalOptions): array;
  diagonal(offset: number, options?: Omit<DiagonalOptions, 'offset'>): array;
  diagonal(offset: number, axis1: number, options?: Omit<DiagonalOptions, 'offset' | 'axis1'>): array;
  diagonal(offset: number, axis1: number, axis2: number, options?: CallOptions): array;

  /**
   * Diagonal of a matrix, or the matrix that has the vector as its diagonal.
   *
   * `x.diag(k = 0)`
   * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.diag.html
   */
  diag(options?: DiagOptions): array;
  diag(k: number, options?: CallOptions): array;
}
