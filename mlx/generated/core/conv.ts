// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../../operations/bind.ts';
import type { array, CallOptions, Pair } from '../../types.ts';

/** Keywords of `mx.conv1d`. */
export interface Conv1dOptions extends CallOptions {
  stride?: number | undefined;
  padding?: number | undefined;
  dilation?: number | undefined;
  groups?: number | undefined;
}

/**
 * Convolution of (N, L, C) with (O, K, C / groups).
 *
 * `mx.conv1d(input, weight, stride = 1, padding = 0, dilation = 1, groups = 1)`
 */
export const conv1d = bind('conv1d') as {
  (input: array, weight: array, options?: Conv1dOptions): array;
  (input: array, weight: array, stride: number, options?: Omit<Conv1dOptions, 'stride'>): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    options?: Omit<Conv1dOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    dilation: number,
    options?: Omit<Conv1dOptions, 'stride' | 'padding' | 'dilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    dilation: number,
    groups: number,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.conv2d`. */
export interface Conv2dOptions extends CallOptions {
  stride?: Pair | undefined;
  padding?: Pair | undefined;
  dilation?: Pair | undefined;
  groups?: number | undefined;
}

/**
 * Convolution of (N, H, W, C) with (O, KH, KW, C / groups).
 *
 * `mx.conv2d(input, weight, stride = 1, padding = 0, dilation = 1, groups = 1)`
 */
export const conv2d = bind('conv2d') as {
  (input: array, weight: array, options?: Conv2dOptions): array;
  (input: array, weight: array, stride: Pair, options?: Omit<Conv2dOptions, 'stride'>): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    options?: Omit<Conv2dOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    options?: Omit<Conv2dOptions, 'stride' | 'padding' | 'dilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: number,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.conv3d`. */
export interface Conv3dOptions extends CallOptions {
  stride?: number | readonly [number, number, number] | undefined;
  padding?: number | readonly [number, number, number] | undefined;
  dilation?: number | readonly [number, number, number] | undefined;
  groups?: number | undefined;
}

/**
 * Convolution of (N, D, H, W, C) with (O, KD, KH, KW, C / groups).
 *
 * `mx.conv3d(input, weight, stride = 1, padding = 0, dilation = 1, groups = 1)`
 */
export const conv3d = bind('conv3d') as {
  (input: array, weight: array, options?: Conv3dOptions): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    options?: Omit<Conv3dOptions, 'stride'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    options?: Omit<Conv3dOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    dilation: number | readonly [number, number, number],
    options?: Omit<Conv3dOptions, 'stride' | 'padding' | 'dilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    dilation: number | readonly [number, number, number],
    groups: number,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.convTranspose1d`. */
export interface ConvTranspose1dOptions extends CallOptions {
  stride?: number | undefined;
  padding?: number | undefined;
  dilation?: number | undefined;
  outputPadding?: number | undefined;
  groups?: number | undefined;
}

/**
 * Transposed convolution of (N, L, C) with (O, K, C / groups).
 *
 * `mx.convTranspose1d(input, weight, stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1)`
 */
export const convTranspose1d = bind('conv_transpose1d') as {
  (input: array, weight: array, options?: ConvTranspose1dOptions): array;
  (input: array, weight: array, stride: number, options?: Omit<ConvTranspose1dOptions, 'stride'>): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    options?: Omit<ConvTranspose1dOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    dilation: number,
    options?: Omit<ConvTranspose1dOptions, 'stride' | 'padding' | 'dilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    dilation: number,
    outputPadding: number,
    options?: Omit<ConvTranspose1dOptions, 'stride' | 'padding' | 'dilation' | 'outputPadding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number,
    padding: number,
    dilation: number,
    outputPadding: number,
    groups: number,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.convTranspose2d`. */
export interface ConvTranspose2dOptions extends CallOptions {
  stride?: Pair | undefined;
  padding?: Pair | undefined;
  dilation?: Pair | undefined;
  outputPadding?: Pair | undefined;
  groups?: number | undefined;
}

/**
 * Transposed convolution of (N, H, W, C) with (O, KH, KW, C / groups).
 *
 * `mx.convTranspose2d(input, weight, stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1)`
 */
export const convTranspose2d = bind('conv_transpose2d') as {
  (input: array, weight: array, options?: ConvTranspose2dOptions): array;
  (input: array, weight: array, stride: Pair, options?: Omit<ConvTranspose2dOptions, 'stride'>): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    options?: Omit<ConvTranspose2dOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    options?: Omit<ConvTranspose2dOptions, 'stride' | 'padding' | 'dilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    outputPadding: Pair,
    options?: Omit<ConvTranspose2dOptions, 'stride' | 'padding' | 'dilation' | 'outputPadding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    outputPadding: Pair,
    groups: number,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.convTranspose3d`. */
export interface ConvTranspose3dOptions extends CallOptions {
  stride?: number | readonly [number, number, number] | undefined;
  padding?: number | readonly [number, number, number] | undefined;
  dilation?: number | readonly [number, number, number] | undefined;
  outputPadding?: number | readonly [number, number, number] | undefined;
  groups?: number | undefined;
}

/**
 * Transposed convolution of (N, D, H, W, C) with (O, KD, KH, KW, C / groups).
 *
 * `mx.convTranspose3d(input, weight, stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1)`
 */
export const convTranspose3d = bind('conv_transpose3d') as {
  (input: array, weight: array, options?: ConvTranspose3dOptions): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    options?: Omit<ConvTranspose3dOptions, 'stride'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    options?: Omit<ConvTranspose3dOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    dilation: number | readonly [number, number, number],
    options?: Omit<ConvTranspose3dOptions, 'stride' | 'padding' | 'dilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    dilation: number | readonly [number, number, number],
    outputPadding: number | readonly [number, number, number],
    options?: Omit<ConvTranspose3dOptions, 'stride' | 'padding' | 'dilation' | 'outputPadding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly [number, number, number],
    padding: number | readonly [number, number, number],
    dilation: number | readonly [number, number, number],
    outputPadding: number | readonly [number, number, number],
    groups: number,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.convGeneral`. */
export interface ConvGeneralOptions extends CallOptions {
  stride?: number | readonly number[] | undefined;
  padding?: number | readonly number[] | readonly [readonly number[], readonly number[]] | undefined;
  kernelDilation?: number | readonly number[] | undefined;
  inputDilation?: number | readonly number[] | undefined;
  groups?: number | undefined;
  flip?: boolean | undefined;
}

/**
 * Convolution over any number of axes, with dilation of the input and padding of each side.
 *
 * `mx.convGeneral(input, weight, stride = 1, padding = 0, kernelDilation = 1, inputDilation = 1, groups = 1, flip = false)`
 */
export const convGeneral = bind('conv_general') as {
  (input: array, weight: array, options?: ConvGeneralOptions): array;
  (
    input: array,
    weight: array,
    stride: number | readonly number[],
    options?: Omit<ConvGeneralOptions, 'stride'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly number[],
    padding: number | readonly number[] | readonly [readonly number[], readonly number[]],
    options?: Omit<ConvGeneralOptions, 'stride' | 'padding'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly number[],
    padding: number | readonly number[] | readonly [readonly number[], readonly number[]],
    kernelDilation: number | readonly number[],
    options?: Omit<ConvGeneralOptions, 'stride' | 'padding' | 'kernelDilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly number[],
    padding: number | readonly number[] | readonly [readonly number[], readonly number[]],
    kernelDilation: number | readonly number[],
    inputDilation: number | readonly number[],
    options?: Omit<ConvGeneralOptions, 'stride' | 'padding' | 'kernelDilation' | 'inputDilation'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly number[],
    padding: number | readonly number[] | readonly [readonly number[], readonly number[]],
    kernelDilation: number | readonly number[],
    inputDilation: number | readonly number[],
    groups: number,
    options?: Omit<ConvGeneralOptions, 'stride' | 'padding' | 'kernelDilation' | 'inputDilation' | 'groups'>,
  ): array;
  (
    input: array,
    weight: array,
    stride: number | readonly number[],
    padding: number | readonly number[] | readonly [readonly number[], readonly number[]],
    kernelDilation: number | readonly number[],
    inputDilation: number | readonly number[],
    groups: number,
    flip: boolean,
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.convolve`. */
export interface ConvolveOptions extends CallOptions {
  mode?: 'full' | 'valid' | 'same' | undefined;
}

/**
 * Discrete convolution of two vectors.
 *
 * `mx.convolve(a, v, mode = 'full')`
 */
export const convolve = bind('convolve') as {
  (a: array, v: array, options?: ConvolveOptions): array;
  (a: array, v: array, mode: 'full' | 'valid' | 'same', options?: CallOptions): array;
};
