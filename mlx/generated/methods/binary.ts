// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { array, CallOptions, Operand } from '../../types.ts';

export interface BinaryMethods {
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
}
