import type { Handle } from '../../foundation/values/values.ts';
import { type Lowering, type LoweringContext, type Lowerings, listed, range, refuse } from './lowering.ts';

/** The size of an axis, refused as MLX refuses it when it has to look the size up itself. */
function sizeOf(a: Handle, axis: number, context: LoweringContext): number {
  const size = context.shape(a).at(axis);
  return size ?? refuse('SmallVector out of range.');
}

/** Half a spectrum of m frequencies comes from 2 (m - 1) real samples. */
function samples(frequencies: number): number {
  return 2 * (frequencies - 1);
}

function one(name: string): Lowering {
  const isInverseReal = name === 'irfft';
  return (c, args, context) => {
    const [a, n, axis, norm] = args as [Handle, number | null, number, string];
    const size = n ?? (isInverseReal ? samples(sizeOf(a, axis, context)) : sizeOf(a, axis, context));
    return c(`fft_${name}`, a, size, axis, norm);
  };
}

function several(name: string): Lowering {
  const isInverseReal = name.startsWith('irfft');
  return (c, args, context) => {
    const [a, s, axes, norm] = args as [Handle, readonly number[] | null, readonly number[] | null, string];
    if (s !== null && axes === null) {
      return refuse(`[${name}] \`axes\` should not be \`None\` if \`s\` is not \`None\`.`);
    }
    const over = axes ?? range(context.shape(a).length);
    const sizes = s ?? over.map((axis) => sizeOf(a, axis, context));
    const last = sizes.at(-1);
    const wanted = s === null && isInverseReal && last !== undefined ? [...sizes.slice(0, -1), samples(last)] : sizes;
    return c(`fft_${name}`, a, wanted, over, norm);
  };
}

function shift(name: string): Lowering {
  return (c, args, context) => {
    const [a, axes] = args as [Handle, number | readonly number[] | null];
    return c(`fft_${name}`, a, axes === null ? range(context.shape(a).length) : listed(axes));
  };
}

export const fft: Lowerings = {
  'fft.fft': one('fft'),
  'fft.ifft': one('ifft'),
  'fft.rfft': one('rfft'),
  'fft.irfft': one('irfft'),
  'fft.fft2': several('fft2'),
  'fft.ifft2': several('ifft2'),
  'fft.rfft2': several('rfft2'),
  'fft.irfft2': several('irfft2'),
  'fft.fftn': several('fftn'),
  'fft.ifftn': several('ifftn'),
  'fft.rfftn': several('rfftn'),
  'fft.irfftn': several('irfftn'),
  'fft.fftshift': shift('fftshift'),
  'fft.ifftshift': shift('ifftshift'),
};
