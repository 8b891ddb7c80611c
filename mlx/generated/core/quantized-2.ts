// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, Indices } from '../../types.ts';

/** Keywords of `mx.gatherQmm`. */
export interface GatherQmmOptions extends CallOptions {
  biases?: array | null | undefined;
  lhsIndices?: Indices | null | undefined;
  rhsIndices?: Indices | null | undefined;
  transpose?: boolean | undefined;
  groupSize?: number | null | undefined;
  bits?: number | null | undefined;
  mode?: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' | undefined;
  sortedIndices?: boolean | undefined;
}

/**
 * Matrix products with quantized matrices, of the batches that two index tensors pick.
 *
 * `mx.gatherQmm(x, w, scales, biases = null, lhsIndices = null, rhsIndices = null, transpose = true, groupSize = null, bits = null, mode = 'affine', { sortedIndices = false })`
 */
export const gatherQmm = bind('gather_qmm') as {
  (x: array, w: array, scales: array, options?: GatherQmmOptions): array;
  (x: array, w: array, scales: array, biases: array | null, options?: Omit<GatherQmmOptions, 'biases'>): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    lhsIndices: Indices | null,
    options?: Omit<GatherQmmOptions, 'biases' | 'lhsIndices'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    options?: Omit<GatherQmmOptions, 'biases' | 'lhsIndices' | 'rhsIndices'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    transpose: boolean,
    options?: Omit<GatherQmmOptions, 'biases' | 'lhsIndices' | 'rhsIndices' | 'transpose'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    transpose: boolean,
    groupSize: number | null,
    options?: Omit<GatherQmmOptions, 'biases' | 'lhsIndices' | 'rhsIndices' | 'transpose' | 'groupSize'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    transpose: boolean,
    groupSize: number | null,
    bits: number | null,
    options?: Omit<GatherQmmOptions, 'biases' | 'lhsIndices' | 'rhsIndices' | 'transpose' | 'groupSize' | 'bits'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    transpose: boolean,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    options?: Omit<
      GatherQmmOptions,
      'biases' | 'lhsIndices' | 'rhsIndices' | 'transpose' | 'groupSize' | 'bits' | 'mode'
    >,
  ): array;
};

/** Keywords of `mx.qqmm`. */
export interface QqmmOptions extends CallOptions {
  scales?: array | null | undefined;
  groupSize?: number | null | undefined;
  bits?: number | null | undefined;
  mode?: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' | undefined;
  globalScaleX?: array | null | undefined;
  globalScaleW?: array | null | undefined;
}

/**
 * Matrix product with a quantized matrix, the other operand quantized on the way.
 *
 * `mx.qqmm(x, w, scales = null, groupSize = null, bits = null, mode = 'nvfp4', globalScaleX = null, globalScaleW = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.qqmm.html
 */
export const qqmm = bind('qqmm') as {
  (x: array, w: array, options?: QqmmOptions): array;
  (x: array, w: array, scales: array | null, options?: Omit<QqmmOptions, 'scales'>): array;
  (
    x: array,
    w: array,
    scales: array | null,
    groupSize: number | null,
    options?: Omit<QqmmOptions, 'scales' | 'groupSize'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    groupSize: number | null,
    bits: number | null,
    options?: Omit<QqmmOptions, 'scales' | 'groupSize' | 'bits'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    options?: Omit<QqmmOptions, 'scales' | 'groupSize' | 'bits' | 'mode'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    globalScaleX: array | null,
    options?: Omit<QqmmOptions, 'scales' | 'groupSize' | 'bits' | 'mode' | 'globalScaleX'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    globalScaleX: array | null,
    globalScaleW: array | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.gatherQqmm`. */
export interface GatherQqmmOptions extends CallOptions {
  scales?: array | null | undefined;
  lhsIndices?: Indices | null | undefined;
  rhsIndices?: Indices | null | undefined;
  groupSize?: number | null | undefined;
  bits?: number | null | undefined;
  mode?: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' | undefined;
  globalScaleX?: array | null | undefined;
  globalScaleW?: array | null | undefined;
  sortedIndices?: boolean | undefined;
}

/**
 * As qqmm, of the batches that two index tensors pick.
 *
 * `mx.gatherQqmm(x, w, scales = null, lhsIndices = null, rhsIndices = null, groupSize = null, bits = null, mode = 'nvfp4', globalScaleX = null, globalScaleW = null, { sortedIndices = false })`
 */
export const gatherQqmm = bind('gather_qqmm') as {
  (x: array, w: array, options?: GatherQqmmOptions): array;
  (x: array, w: array, scales: array | null, options?: Omit<GatherQqmmOptions, 'scales'>): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    options?: Omit<GatherQqmmOptions, 'scales' | 'lhsIndices'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    options?: Omit<GatherQqmmOptions, 'scales' | 'lhsIndices' | 'rhsIndices'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    groupSize: number | null,
    options?: Omit<GatherQqmmOptions, 'scales' | 'lhsIndices' | 'rhsIndices' | 'groupSize'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    groupSize: number | null,
    bits: number | null,
    options?: Omit<GatherQqmmOptions, 'scales' | 'lhsIndices' | 'rhsIndices' | 'groupSize' | 'bits'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    options?: Omit<GatherQqmmOptions, 'scales' | 'lhsIndices' | 'rhsIndices' | 'groupSize' | 'bits' | 'mode'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    globalScaleX: array | null,
    options?: Omit<
      GatherQqmmOptions,
      'scales' | 'lhsIndices' | 'rhsIndices' | 'groupSize' | 'bits' | 'mode' | 'globalScaleX'
    >,
  ): array;
  (
    x: array,
    w: array,
    scales: array | null,
    lhsIndices: Indices | null,
    rhsIndices: Indices | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    globalScaleX: array | null,
    globalScaleW: array | null,
    options?: Omit<
      GatherQqmmOptions,
      'scales' | 'lhsIndices' | 'rhsIndices' | 'groupSize' | 'bits' | 'mode' | 'globalScaleX' | 'globalScaleW'
    >,
  ): array;
};
