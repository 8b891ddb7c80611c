// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../bind.ts';
import type { array, Axes, CallOptions, Each, Operand, Parts, Shape } from '../../types.ts';

/** Keywords of `mx.reshape`. */
export interface ReshapeOptions extends CallOptions {
  shape: Shape;
}

/**
 * The same elements in another shape, of which one size may be -1: what is left over.
 *
 * `mx.reshape(a, shape)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.reshape.html
 */
export const reshape = bind('reshape') as {
  (a: array, options: ReshapeOptions): array;
  (a: array, shape: Shape, options?: CallOptions): array;
};

/** Keywords of `mx.flatten`. */
export interface FlattenOptions extends CallOptions {
  startAxis?: number | undefined;
  endAxis?: number | undefined;
}

/**
 * The axes from one to another, both included, made into one.
 *
 * `mx.flatten(a, startAxis = 0, endAxis = -1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.flatten.html
 */
export const flatten = bind('flatten') as {
  (a: array, options?: FlattenOptions): array;
  (a: array, startAxis: number, options?: Omit<FlattenOptions, 'startAxis'>): array;
  (a: array, startAxis: number, endAxis: number, options?: CallOptions): array;
};

/** Keywords of `mx.unflatten`. */
export interface UnflattenOptions extends CallOptions {
  axis: number;
  shape: Shape;
}

/**
 * One axis made into several, of which one size may be -1.
 *
 * `mx.unflatten(a, axis, shape)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.unflatten.html
 */
export const unflatten = bind('unflatten') as {
  (a: array, options: UnflattenOptions): array;
  (a: array, axis: number, options: Omit<UnflattenOptions, 'axis'>): array;
  (a: array, axis: number, shape: Shape, options?: CallOptions): array;
};

/** Keywords of `mx.squeeze`. */
export interface SqueezeOptions extends CallOptions {
  axis?: Axes | null | undefined;
}

/**
 * Without the axes of size one, or without the given ones.
 *
 * `mx.squeeze(a, axis = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.squeeze.html
 */
export const squeeze = bind('squeeze') as {
  (a: array, options?: SqueezeOptions): array;
  (a: array, axis: Axes | null, options?: CallOptions): array;
};

/** Keywords of `mx.expandDims`. */
export interface ExpandDimsOptions extends CallOptions {
  axis: Axes;
}

/**
 * With axes of size one put in at the given places of the result.
 *
 * `mx.expandDims(a, axis)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.expand_dims.html
 */
export const expandDims = bind('expand_dims') as {
  (a: array, options: ExpandDimsOptions): array;
  (a: array, axis: Axes, options?: CallOptions): array;
};

/** Keywords of `mx.flip`. */
export interface FlipOptions extends CallOptions {
  axis?: Axes | null | undefined;
}

/**
 * The elements in reverse order along the given axes, or along all.
 *
 * `mx.flip(a, axis = null)`
 */
export const flip = bind('flip') as {
  (a: array, options?: FlipOptions): array;
  (a: array, axis: Axes | null, options?: CallOptions): array;
};

/** Keywords of `mx.moveaxis`. */
export interface MoveaxisOptions extends CallOptions {
  source: number;
  destination: number;
}

/**
 * One axis moved to another place, the others in order.
 *
 * `mx.moveaxis(a, source, destination)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.moveaxis.html
 */
export const moveaxis = bind('moveaxis') as {
  (a: array, options: MoveaxisOptions): array;
  (a: array, source: number, options: Omit<MoveaxisOptions, 'source'>): array;
  (a: array, source: number, destination: number, options?: CallOptions): array;
};

/** Keywords of `mx.swapaxes`. */
export interface SwapaxesOptions extends CallOptions {
  axis1: number;
  axis2: number;
}

/**
 * Two axes exchanged.
 *
 * `mx.swapaxes(a, axis1, axis2)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.swapaxes.html
 */
export const swapaxes = bind('swapaxes') as {
  (a: array, options: SwapaxesOptions): array;
  (a: array, axis1: number, options: Omit<SwapaxesOptions, 'axis1'>): array;
  (a: array, axis1: number, axis2: number, options?: CallOptions): array;
};

/** Keywords of `mx.transpose`. */
export interface TransposeOptions extends CallOptions {
  axes?: readonly number[] | null | undefined;
}

/**
 * The axes in the given order, or all reversed.
 *
 * `mx.transpose(a, axes = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.transpose.html
 */
export const transpose = bind('transpose') as {
  (a: array, options?: TransposeOptions): array;
  (a: array, axes: readonly number[] | null, options?: CallOptions): array;
};

/** Another name of `mx.transpose`. @alias */
export const permuteDims = transpose;

/** Another name of `mx.transpose`. @alias */
export const matrixTranspose = transpose;

/** Keywords of `mx.broadcastTo`. */
export interface BroadcastToOptions extends CallOptions {
  shape: Shape;
}

/**
 * The tensor as if repeated to fill a larger shape, without a copy.
 *
 * `mx.broadcastTo(a, shape)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.broadcast_to.html
 */
export const broadcastTo = bind('broadcast_to') as {
  (a: Operand, options: BroadcastToOptions): array;
  (a: Operand, shape: Shape, options?: CallOptions): array;
};

/**
 * The tensor with at least one axis.
 *
 * `mx.atleast1d(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.atleast_1d.html
 */
export const atleast1d = bind('atleast_1d') as (a: array, options?: CallOptions) => array;

/**
 * The tensor with at least two axes.
 *
 * `mx.atleast2d(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.atleast_2d.html
 */
export const atleast2d = bind('atleast_2d') as (a: array, options?: CallOptions) => array;

/**
 * The tensor with at least three axes.
 *
 * `mx.atleast3d(a)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.atleast_3d.html
 */
export const atleast3d = bind('atleast_3d') as (a: array, options?: CallOptions) => array;

/** Keywords of `mx.concatenate`. */
export interface ConcatenateOptions extends CallOptions {
  axis?: number | null | undefined;
}

/**
 * Tensors joined along an axis that they have, or flattened and joined.
 *
 * `mx.concatenate(arrays, axis = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.concatenate.html
 */
export const concatenate = bind('concatenate') as {
  (arrays: readonly array[], options?: ConcatenateOptions): array;
  (arrays: readonly array[], axis: number | null, options?: CallOptions): array;
};

/** Another name of `mx.concatenate`. @alias */
export const concat = concatenate;

/** Keywords of `mx.stack`. */
export interface StackOptions extends CallOptions {
  axis?: number | undefined;
}

/**
 * Tensors of one shape joined along a new axis.
 *
 * `mx.stack(arrays, axis = 0)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.stack.html
 */
export const stack = bind('stack') as {
  (arrays: readonly array[], options?: StackOptions): array;
  (arrays: readonly array[], axis: number, options?: CallOptions): array;
};

/** Keywords of `mx.unstack`. */
export interface UnstackOptions extends CallOptions {
  axis?: number | undefined;
}

/**
 * The slices along an axis, each without that axis.
 *
 * `mx.unstack(x, { axis = 0 })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.unstack.html
 */
export const unstack = bind('unstack') as (x: array, options?: UnstackOptions) => array[];

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
