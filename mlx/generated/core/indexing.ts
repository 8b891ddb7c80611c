// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, IndexArgument, Indices, Nested, Operand, Scalar, WriteIndex } from '../../types.ts';

/** Keywords of `mx.index`. */
export interface IndexOptions extends CallOptions {
  index: IndexArgument;
}

/**
 * The part of a tensor that an index of numbers, slices, null, "..." and index tensors picks.
 *
 * `mx.index(a, index)`
 */
export const index = bind('index') as {
  (a: array, options: IndexOptions): array;
  (a: array, index: IndexArgument, options?: CallOptions): array;
};

/** Keywords of `mx.indexPut`. */
export interface IndexPutOptions extends CallOptions {
  index: WriteIndex;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor with the elements at an index replaced by a value, which broadcasts and is cast.
 *
 * `mx.indexPut(a, index, value)`
 */
export const indexPut = bind('index_put') as {
  (a: array, options: IndexPutOptions): array;
  (a: array, index: WriteIndex, options: Omit<IndexPutOptions, 'index'>): array;
  (a: array, index: WriteIndex, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.indexAdd`. */
export interface IndexAddOptions extends CallOptions {
  index: IndexArgument;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor with a value added at an index, as often as the index names a place.
 *
 * `mx.indexAdd(a, index, value)`
 */
export const indexAdd = bind('index_add') as {
  (a: array, options: IndexAddOptions): array;
  (a: array, index: IndexArgument, options: Omit<IndexAddOptions, 'index'>): array;
  (a: array, index: IndexArgument, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.indexSubtract`. */
export interface IndexSubtractOptions extends CallOptions {
  index: IndexArgument;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor with a value subtracted at an index, as often as the index names a place.
 *
 * `mx.indexSubtract(a, index, value)`
 */
export const indexSubtract = bind('index_subtract') as {
  (a: array, options: IndexSubtractOptions): array;
  (a: array, index: IndexArgument, options: Omit<IndexSubtractOptions, 'index'>): array;
  (a: array, index: IndexArgument, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.indexMultiply`. */
export interface IndexMultiplyOptions extends CallOptions {
  index: IndexArgument;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor multiplied by a value at an index, as often as the index names a place.
 *
 * `mx.indexMultiply(a, index, value)`
 */
export const indexMultiply = bind('index_multiply') as {
  (a: array, options: IndexMultiplyOptions): array;
  (a: array, index: IndexArgument, options: Omit<IndexMultiplyOptions, 'index'>): array;
  (a: array, index: IndexArgument, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.indexDivide`. */
export interface IndexDivideOptions extends CallOptions {
  index: IndexArgument;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor divided by a value at an index, as often as the index names a place.
 *
 * `mx.indexDivide(a, index, value)`
 */
export const indexDivide = bind('index_divide') as {
  (a: array, options: IndexDivideOptions): array;
  (a: array, index: IndexArgument, options: Omit<IndexDivideOptions, 'index'>): array;
  (a: array, index: IndexArgument, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.indexMaximum`. */
export interface IndexMaximumOptions extends CallOptions {
  index: IndexArgument;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor with the larger of its elements and a value at an index.
 *
 * `mx.indexMaximum(a, index, value)`
 */
export const indexMaximum = bind('index_maximum') as {
  (a: array, options: IndexMaximumOptions): array;
  (a: array, index: IndexArgument, options: Omit<IndexMaximumOptions, 'index'>): array;
  (a: array, index: IndexArgument, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.indexMinimum`. */
export interface IndexMinimumOptions extends CallOptions {
  index: IndexArgument;
  value: Operand | Nested<Scalar>;
}

/**
 * The tensor with the smaller of its elements and a value at an index.
 *
 * `mx.indexMinimum(a, index, value)`
 */
export const indexMinimum = bind('index_minimum') as {
  (a: array, options: IndexMinimumOptions): array;
  (a: array, index: IndexArgument, options: Omit<IndexMinimumOptions, 'index'>): array;
  (a: array, index: IndexArgument, value: Operand | Nested<Scalar>, options?: CallOptions): array;
};

/** Keywords of `mx.take`. */
export interface TakeOptions extends CallOptions {
  indices: Indices;
  axis?: number | null | undefined;
}

/**
 * The elements at the given indices along an axis, or of the flattened tensor.
 *
 * `mx.take(a, indices, axis = null)`
 */
export const take = bind('take') as {
  (a: array, options: TakeOptions): array;
  (a: array, indices: Indices, options?: Omit<TakeOptions, 'indices'>): array;
  (a: array, indices: Indices, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.takeAlongAxis`. */
export interface TakeAlongAxisOptions extends CallOptions {
  indices: Indices;
  axis?: number | null | undefined;
}

/**
 * For each place along an axis, the element at the index given for that place.
 *
 * `mx.takeAlongAxis(a, indices, axis = null)`
 */
export const takeAlongAxis = bind('take_along_axis') as {
  (a: array, options: TakeAlongAxisOptions): array;
  (a: array, indices: Indices, options?: Omit<TakeAlongAxisOptions, 'indices'>): array;
  (a: array, indices: Indices, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.putAlongAxis`. */
export interface PutAlongAxisOptions extends CallOptions {
  indices: Indices;
  values: array;
  axis?: number | null | undefined;
}

/**
 * The tensor with the elements at the given indices along an axis replaced.
 *
 * `mx.putAlongAxis(a, indices, values, axis = null)`
 */
export const putAlongAxis = bind('put_along_axis') as {
  (a: array, options: PutAlongAxisOptions): array;
  (a: array, indices: Indices, options: Omit<PutAlongAxisOptions, 'indices'>): array;
  (a: array, indices: Indices, values: array, options?: Omit<PutAlongAxisOptions, 'indices' | 'values'>): array;
  (a: array, indices: Indices, values: array, axis: number | null, options?: CallOptions): array;
};

/** Keywords of `mx.slice`. */
export interface SliceOptions extends CallOptions {
  startIndices: Indices;
  axes: readonly number[];
  sliceSize: readonly number[];
}

/**
 * A block of the given size, whose start along the given axes is itself a tensor.
 *
 * `mx.slice(a, startIndices, axes, sliceSize)`
 */
export const slice = bind('slice') as {
  (a: array, options: SliceOptions): array;
  (a: array, startIndices: Indices, options: Omit<SliceOptions, 'startIndices'>): array;
  (
    a: array,
    startIndices: Indices,
    axes: readonly number[],
    options: Omit<SliceOptions, 'startIndices' | 'axes'>,
  ): array;
  (
    a: array,
    startIndices: Indices,
    axes: readonly number[],
    sliceSize: readonly number[],
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.sliceUpdate`. */
export interface SliceUpdateOptions extends CallOptions {
  startIndices: Indices;
  axes: readonly number[];
}

/**
 * The tensor with a block replaced, whose start along the given axes is itself a tensor.
 *
 * `mx.sliceUpdate(a, update, startIndices, axes)`
 */
export const sliceUpdate = bind('slice_update') as {
  (a: array, update: array, options: SliceUpdateOptions): array;
  (a: array, update: array, startIndices: Indices, options: Omit<SliceUpdateOptions, 'startIndices'>): array;
  (a: array, update: array, startIndices: Indices, axes: readonly number[], options?: CallOptions): array;
};
