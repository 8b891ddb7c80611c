// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, Axes, CallOptions, Each, Operand, Parts, Shape } from '../../types.ts';

/** Keywords of `mx.split`. */
export interface SplitOptions extends CallOptions {
  indicesOrSections: Axes;
  axis?: number | undefined;
}

/**
 * Parts along an axis: so many equal ones, or cut before each of the given indices.
 *
 * `mx.split(a, indicesOrSections, axis = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.split.html
 */
export const split = bind('split') as {
  <const IndicesOrSections extends Axes>(
    a: array,
    options: SplitOptions & { indicesOrSections: IndicesOrSections },
  ): Parts<IndicesOrSections>;
  <const IndicesOrSections extends Axes>(
    a: array,
    indicesOrSections: IndicesOrSections,
    options?: Omit<SplitOptions, 'indicesOrSections'>,
  ): Parts<IndicesOrSections>;
  <const IndicesOrSections extends Axes>(
    a: array,
    indicesOrSections: IndicesOrSections,
    axis: number,
    options?: CallOptions,
  ): Parts<IndicesOrSections>;
};

/** Keywords of `mx.repeat`. */
export interface RepeatOptions extends CallOptions {
  repeats: number;
  axis?: number | null | undefined;
}

/**
 * Each element repeated along an axis, or in the flattened tensor.
 *
 * `mx.repeat(array, repeats, axis = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.repeat.html
 */
export const repeat = bind('repeat') as {
  (array: array, options: RepeatOptions): array;
  (array: array, repeats: number, options?: Omit<RepeatOptions, 'repeats'>): array;
  (array: array, repeats: number, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.tile`. */
export interface TileOptions extends CallOptions {
  reps: Shape;
}

/**
 * The whole tensor repeated along each axis so many times.
 *
 * `mx.tile(a, reps)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.tile.html
 */
export const tile = bind('tile') as {
  (a: array, options: TileOptions): array;
  (a: array, reps: Shape, options?: CallOptions): array;
};

/** Keywords of `mx.pad`. */
export interface PadOptions extends CallOptions {
  padWidth: number | readonly number[] | readonly (readonly number[])[];
  mode?: 'constant' | 'edge' | 'reflect' | 'symmetric' | undefined;
  constantValues?: Operand | undefined;
}

/**
 * With elements added before and after each axis.
 *
 * `mx.pad(a, padWidth, mode = 'constant', constantValues = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.pad.html
 */
export const pad = bind('pad') as {
  (a: array, options: PadOptions): array;
  (
    a: array,
    padWidth: number | readonly number[] | readonly (readonly number[])[],
    options?: Omit<PadOptions, 'padWidth'>,
  ): array;
  (
    a: array,
    padWidth: number | readonly number[] | readonly (readonly number[])[],
    mode: 'constant' | 'edge' | 'reflect' | 'symmetric',
    options?: Omit<PadOptions, 'padWidth' | 'mode'>,
  ): array;
  (
    a: array,
    padWidth: number | readonly number[] | readonly (readonly number[])[],
    mode: 'constant' | 'edge' | 'reflect' | 'symmetric',
    constantValues: Operand,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.roll`. */
export interface RollOptions extends CallOptions {
  shift: Axes;
  axis?: Axes | null | undefined;
}

/**
 * The elements moved along the given axes, those pushed out coming in at the other end.
 *
 * `mx.roll(a, shift, axis = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.roll.html
 */
export const roll = bind('roll') as {
  (a: array, options: RollOptions): array;
  (a: array, shift: Axes, options?: Omit<RollOptions, 'shift'>): array;
  (a: array, shift: Axes, axis: Axes | null, options?: CallOptions): array;
};

/** Keywords of `mx.diagonal`. */
export interface DiagonalOptions extends CallOptions {
  offset?: number | undefined;
  axis1?: number | undefined;
  axis2?: number | undefined;
}

/**
 * Diagonals of the matrices that two axes make.
 *
 * `mx.diagonal(a, offset = 0, axis1 = 0, axis2 = 1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.diagonal.html
 */
export const diagonal = bind('diagonal') as {
  (a: array, options?: DiagonalOptions): array;
  (a: array, offset: number, options?: Omit<DiagonalOptions, 'offset'>): array;
  (a: array, offset: number, axis1: number, options?: Omit<DiagonalOptions, 'offset' | 'axis1'>): array;
  (a: array, offset: number, axis1: number, axis2: number, options?: CallOptions): array;
};

/** Keywords of `mx.diag`. */
export interface DiagOptions extends CallOptions {
  k?: number | undefined;
}

/**
 * Diagonal of a matrix, or the matrix that has the vector as its diagonal.
 *
 * `mx.diag(a, k = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.diag.html
 */
export const diag = bind('diag') as {
  (a: array, options?: DiagOptions): array;
  (a: array, k: number, options?: CallOptions): array;
};

/** Keywords of `mx.asStrided`. */
export interface AsStridedOptions extends CallOptions {
  shape?: Shape | null | undefined;
  strides?: readonly number[] | null | undefined;
  offset?: number | undefined;
}

/**
 * A view of the memory with the given shape and strides, counted in elements.
 *
 * `mx.asStrided(a, shape = null, strides = null, offset = 0)`
 */
export const asStrided = bind('as_strided') as {
  (a: array, options?: AsStridedOptions): array;
  (a: array, shape: Shape | null, options?: Omit<AsStridedOptions, 'shape'>): array;
  (
    a: array,
    shape: Shape | null,
    strides: readonly number[] | null,
    options?: Omit<AsStridedOptions, 'shape' | 'strides'>,
  ): array;
  (a: array, shape: Shape | null, strides: readonly number[] | null, offset: number, options?: CallOptions): array;
};

/** Keywords of `mx.contiguous`. */
export interface ContiguousOptions extends CallOptions {
  allowColMajor?: boolean | undefined;
}

/**
 * The tensor with its elements in row-major order in memory.
 *
 * `mx.contiguous(a, allowColMajor = false)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.contiguous.html
 */
export const contiguous = bind('contiguous') as {
  (a: array, options?: ContiguousOptions): array;
  (a: array, allowColMajor: boolean, options?: CallOptions): array;
};

/**
 * Tensors broadcast to the shape that they share.
 *
 * `mx.broadcastArrays(...arrays)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.broadcast_arrays.html
 */
export const broadcastArrays = bind('broadcast_arrays') as {
  <const Arrays extends readonly array[]>(...arrays: Arrays): Each<Arrays>;
  <const Arrays extends readonly array[]>(...arraysAndOptions: [...arrays: Arrays, options: CallOptions]): Each<Arrays>;
};

/** Keywords of `mx.meshgrid`. */
export interface MeshgridOptions extends CallOptions {
  sparse?: boolean | undefined;
  indexing?: 'xy' | 'ij' | undefined;
}

/**
 * Coordinate grids from vectors of coordinates.
 *
 * `mx.meshgrid(...arrays, { sparse = false, indexing = 'xy' })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.meshgrid.html
 */
export const meshgrid = bind('meshgrid') as {
  <const Arrays extends readonly array[]>(...arrays: Arrays): Each<Arrays>;
  <const Arrays extends readonly array[]>(
    ...arraysAndOptions: [...arrays: Arrays, options: MeshgridOptions]
  ): Each<Arrays>;
};
