// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, Axes, CallOptions, Operand, Shape } from '../../types.ts';

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
