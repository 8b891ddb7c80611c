// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { array, Axes, CallOptions, Parts, Shape } from '../../types.ts';
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
} from '../core/shape.ts';

export interface ShapeMethods {
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
