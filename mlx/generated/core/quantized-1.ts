// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, DtypeLike } from '../../types.ts';

/** Keywords of `mx.quantize`. */
export interface QuantizeOptions extends CallOptions {
  groupSize?: number | null | undefined;
  bits?: number | null | undefined;
  mode?: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' | undefined;
  globalScale?: array | null | undefined;
}

/**
 * A matrix quantized in groups along its last axis: packed weights, scales and, in affine mode, biases.
 *
 * `mx.quantize(w, groupSize = null, bits = null, mode = 'affine', { globalScale = null })`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.quantize.html
 */
export const quantize = bind('quantize') as {
  <const Mode extends 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' = 'affine'>(
    w: array,
    options?: QuantizeOptions & { mode?: Mode | undefined },
  ): Mode extends 'affine' ? [array, array, array] : [array, array];
  <const Mode extends 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' = 'affine'>(
    w: array,
    groupSize: number | null,
    options?: Omit<QuantizeOptions, 'groupSize'> & { mode?: Mode | undefined },
  ): Mode extends 'affine' ? [array, array, array] : [array, array];
  <const Mode extends 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' = 'affine'>(
    w: array,
    groupSize: number | null,
    bits: number | null,
    options?: Omit<QuantizeOptions, 'groupSize' | 'bits'> & { mode?: Mode | undefined },
  ): Mode extends 'affine' ? [array, array, array] : [array, array];
  <const Mode extends 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' = 'affine'>(
    w: array,
    groupSize: number | null,
    bits: number | null,
    mode: Mode,
    options?: Omit<QuantizeOptions, 'groupSize' | 'bits' | 'mode'>,
  ): Mode extends 'affine' ? [array, array, array] : [array, array];
};

/** Keywords of `mx.dequantize`. */
export interface DequantizeOptions extends CallOptions {
  biases?: array | null | undefined;
  groupSize?: number | null | undefined;
  bits?: number | null | undefined;
  mode?: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' | undefined;
  globalScale?: array | null | undefined;
  dtype?: DtypeLike | null | undefined;
}

/**
 * The matrix that quantize packed, with the loss of the quantization.
 *
 * `mx.dequantize(w, scales, biases = null, groupSize = null, bits = null, mode = 'affine', globalScale = null, dtype = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.dequantize.html
 */
export const dequantize = bind('dequantize') as {
  (w: array, scales: array, options?: DequantizeOptions): array;
  (w: array, scales: array, biases: array | null, options?: Omit<DequantizeOptions, 'biases'>): array;
  (
    w: array,
    scales: array,
    biases: array | null,
    groupSize: number | null,
    options?: Omit<DequantizeOptions, 'biases' | 'groupSize'>,
  ): array;
  (
    w: array,
    scales: array,
    biases: array | null,
    groupSize: number | null,
    bits: number | null,
    options?: Omit<DequantizeOptions, 'biases' | 'groupSize' | 'bits'>,
  ): array;
  (
    w: array,
    scales: array,
    biases: array | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    options?: Omit<DequantizeOptions, 'biases' | 'groupSize' | 'bits' | 'mode'>,
  ): array;
  (
    w: array,
    scales: array,
    biases: array | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    globalScale: array | null,
    options?: Omit<DequantizeOptions, 'biases' | 'groupSize' | 'bits' | 'mode' | 'globalScale'>,
  ): array;
  (
    w: array,
    scales: array,
    biases: array | null,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    globalScale: array | null,
    dtype: DtypeLike | null,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.quantizedMatmul`. */
export interface QuantizedMatmulOptions extends CallOptions {
  biases?: array | null | undefined;
  transpose?: boolean | undefined;
  groupSize?: number | null | undefined;
  bits?: number | null | undefined;
  mode?: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4' | undefined;
}

/**
 * Matrix product with a quantized matrix, transposed by default.
 *
 * `mx.quantizedMatmul(x, w, scales, biases = null, transpose = true, groupSize = null, bits = null, mode = 'affine')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.quantized_matmul.html
 */
export const quantizedMatmul = bind('quantized_matmul') as {
  (x: array, w: array, scales: array, options?: QuantizedMatmulOptions): array;
  (x: array, w: array, scales: array, biases: array | null, options?: Omit<QuantizedMatmulOptions, 'biases'>): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    transpose: boolean,
    options?: Omit<QuantizedMatmulOptions, 'biases' | 'transpose'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    transpose: boolean,
    groupSize: number | null,
    options?: Omit<QuantizedMatmulOptions, 'biases' | 'transpose' | 'groupSize'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    transpose: boolean,
    groupSize: number | null,
    bits: number | null,
    options?: Omit<QuantizedMatmulOptions, 'biases' | 'transpose' | 'groupSize' | 'bits'>,
  ): array;
  (
    x: array,
    w: array,
    scales: array,
    biases: array | null,
    transpose: boolean,
    groupSize: number | null,
    bits: number | null,
    mode: 'affine' | 'mxfp4' | 'mxfp8' | 'nvfp4',
    options?: CallOptions,
  ): array;
};
