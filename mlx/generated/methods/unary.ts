// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { array, CallOptions, DtypeLike } from '../../types.ts';
import type { AstypeOptions, RoundOptions, ViewOptions } from '../core/unary.ts';

export interface UnaryMethods {
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
}
