// Written by `npm run generate` from registry/catalogue. Do not edit.
import { bind } from '../operations/bind.ts';
import type { array, Axes, CallOptions } from '../types.ts';

/** Keywords of `mx.fft.fft`. */
export interface FftOptions extends CallOptions {
  n?: number | null | undefined;
  axis?: number | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Discrete Fourier transform along an axis, cut or padded with zeros to n.
 *
 * `mx.fft.fft(a, n = null, axis = -1, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.fft.html
 */
export const fft = bind('fft.fft') as {
  (a: array, options?: FftOptions): array;
  (a: array, n: number | null, options?: Omit<FftOptions, 'n'>): array;
  (a: array, n: number | null, axis: number, options?: Omit<FftOptions, 'n' | 'axis'>): array;
  (a: array, n: number | null, axis: number, norm: 'backward' | 'ortho' | 'forward', options?: CallOptions): array;
};

/** Keywords of `mx.fft.ifft`. */
export interface IfftOptions extends CallOptions {
  n?: number | null | undefined;
  axis?: number | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Inverse discrete Fourier transform along an axis.
 *
 * `mx.fft.ifft(a, n = null, axis = -1, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.ifft.html
 */
export const ifft = bind('fft.ifft') as {
  (a: array, options?: IfftOptions): array;
  (a: array, n: number | null, options?: Omit<IfftOptions, 'n'>): array;
  (a: array, n: number | null, axis: number, options?: Omit<IfftOptions, 'n' | 'axis'>): array;
  (a: array, n: number | null, axis: number, norm: 'backward' | 'ortho' | 'forward', options?: CallOptions): array;
};

/** Keywords of `mx.fft.rfft`. */
export interface RfftOptions extends CallOptions {
  n?: number | null | undefined;
  axis?: number | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Discrete Fourier transform of real input along an axis: the n / 2 + 1 frequencies that matter.
 *
 * `mx.fft.rfft(a, n = null, axis = -1, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.rfft.html
 */
export const rfft = bind('fft.rfft') as {
  (a: array, options?: RfftOptions): array;
  (a: array, n: number | null, options?: Omit<RfftOptions, 'n'>): array;
  (a: array, n: number | null, axis: number, options?: Omit<RfftOptions, 'n' | 'axis'>): array;
  (a: array, n: number | null, axis: number, norm: 'backward' | 'ortho' | 'forward', options?: CallOptions): array;
};

/** Keywords of `mx.fft.irfft`. */
export interface IrfftOptions extends CallOptions {
  n?: number | null | undefined;
  axis?: number | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Inverse of rfft: real output of n samples, by default 2 (m - 1) for m frequencies.
 *
 * `mx.fft.irfft(a, n = null, axis = -1, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.irfft.html
 */
export const irfft = bind('fft.irfft') as {
  (a: array, options?: IrfftOptions): array;
  (a: array, n: number | null, options?: Omit<IrfftOptions, 'n'>): array;
  (a: array, n: number | null, axis: number, options?: Omit<IrfftOptions, 'n' | 'axis'>): array;
  (a: array, n: number | null, axis: number, norm: 'backward' | 'ortho' | 'forward', options?: CallOptions): array;
};

/** Keywords of `mx.fft.fft2`. */
export interface Fft2Options extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Discrete Fourier transform over two axes.
 *
 * `mx.fft.fft2(a, s = null, axes = [-2, -1], norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.fft2.html
 */
export const fft2 = bind('fft.fft2') as {
  (a: array, options?: Fft2Options): array;
  (a: array, s: readonly number[] | null, options?: Omit<Fft2Options, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<Fft2Options, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.ifft2`. */
export interface Ifft2Options extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Inverse discrete Fourier transform over two axes.
 *
 * `mx.fft.ifft2(a, s = null, axes = [-2, -1], norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.ifft2.html
 */
export const ifft2 = bind('fft.ifft2') as {
  (a: array, options?: Ifft2Options): array;
  (a: array, s: readonly number[] | null, options?: Omit<Ifft2Options, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<Ifft2Options, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.rfft2`. */
export interface Rfft2Options extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Discrete Fourier transform of real input over two axes.
 *
 * `mx.fft.rfft2(a, s = null, axes = [-2, -1], norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.rfft2.html
 */
export const rfft2 = bind('fft.rfft2') as {
  (a: array, options?: Rfft2Options): array;
  (a: array, s: readonly number[] | null, options?: Omit<Rfft2Options, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<Rfft2Options, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.irfft2`. */
export interface Irfft2Options extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Inverse of rfft2.
 *
 * `mx.fft.irfft2(a, s = null, axes = [-2, -1], norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.irfft2.html
 */
export const irfft2 = bind('fft.irfft2') as {
  (a: array, options?: Irfft2Options): array;
  (a: array, s: readonly number[] | null, options?: Omit<Irfft2Options, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<Irfft2Options, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.fftn`. */
export interface FftnOptions extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Discrete Fourier transform over several axes, by default all.
 *
 * `mx.fft.fftn(a, s = null, axes = null, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.fftn.html
 */
export const fftn = bind('fft.fftn') as {
  (a: array, options?: FftnOptions): array;
  (a: array, s: readonly number[] | null, options?: Omit<FftnOptions, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<FftnOptions, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.ifftn`. */
export interface IfftnOptions extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Inverse discrete Fourier transform over several axes, by default all.
 *
 * `mx.fft.ifftn(a, s = null, axes = null, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.ifftn.html
 */
export const ifftn = bind('fft.ifftn') as {
  (a: array, options?: IfftnOptions): array;
  (a: array, s: readonly number[] | null, options?: Omit<IfftnOptions, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<IfftnOptions, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.rfftn`. */
export interface RfftnOptions extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Discrete Fourier transform of real input over several axes, by default all.
 *
 * `mx.fft.rfftn(a, s = null, axes = null, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.rfftn.html
 */
export const rfftn = bind('fft.rfftn') as {
  (a: array, options?: RfftnOptions): array;
  (a: array, s: readonly number[] | null, options?: Omit<RfftnOptions, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<RfftnOptions, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.irfftn`. */
export interface IrfftnOptions extends CallOptions {
  s?: readonly number[] | null | undefined;
  axes?: readonly number[] | null | undefined;
  norm?: 'backward' | 'ortho' | 'forward' | undefined;
}

/**
 * Inverse of rfftn.
 *
 * `mx.fft.irfftn(a, s = null, axes = null, norm = 'backward')`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.irfftn.html
 */
export const irfftn = bind('fft.irfftn') as {
  (a: array, options?: IrfftnOptions): array;
  (a: array, s: readonly number[] | null, options?: Omit<IrfftnOptions, 's'>): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    options?: Omit<IrfftnOptions, 's' | 'axes'>,
  ): array;
  (
    a: array,
    s: readonly number[] | null,
    axes: readonly number[] | null,
    norm: 'backward' | 'ortho' | 'forward',
    options?: CallOptions,
  ): array;
};

/** Keywords of `mx.fft.fftfreq`. */
export interface FftfreqOptions extends CallOptions {
  n: number;
  d?: number | undefined;
}

/**
 * Frequencies of the n results of fft, for samples d apart.
 *
 * `mx.fft.fftfreq(n, d = 1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.fftfreq.html
 */
export const fftfreq = bind('fft.fftfreq') as {
  (options: FftfreqOptions): array;
  (n: number, options?: Omit<FftfreqOptions, 'n'>): array;
  (n: number, d: number, options?: CallOptions): array;
};

/** Keywords of `mx.fft.rfftfreq`. */
export interface RfftfreqOptions extends CallOptions {
  n: number;
  d?: number | undefined;
}

/**
 * Frequencies of the n / 2 + 1 results of rfft, for samples d apart.
 *
 * `mx.fft.rfftfreq(n, d = 1)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.rfftfreq.html
 */
export const rfftfreq = bind('fft.rfftfreq') as {
  (options: RfftfreqOptions): array;
  (n: number, options?: Omit<RfftfreqOptions, 'n'>): array;
  (n: number, d: number, options?: CallOptions): array;
};

/** Keywords of `mx.fft.fftshift`. */
export interface FftshiftOptions extends CallOptions {
  axes?: Axes | null | undefined;
}

/**
 * The zero frequency moved to the middle along the given axes, by default all.
 *
 * `mx.fft.fftshift(a, axes = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.fftshift.html
 */
export const fftshift = bind('fft.fftshift') as {
  (a: array, options?: FftshiftOptions): array;
  (a: array, axes: Axes | null, options?: CallOptions): array;
};

/** Keywords of `mx.fft.ifftshift`. */
export interface IfftshiftOptions extends CallOptions {
  axes?: Axes | null | undefined;
}

/**
 * Inverse of fftshift.
 *
 * `mx.fft.ifftshift(a, axes = null)`
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fft.ifftshift.html
 */
export const ifftshift = bind('fft.ifftshift') as {
  (a: array, options?: IfftshiftOptions): array;
  (a: array, axes: Axes | null, options?: CallOptions): array;
};
