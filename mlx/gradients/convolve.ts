import type { Tensor } from '../../router/tensor.ts';
import { astype, conv1d, convolve, pad, reshape } from '../generated/operations.ts';
import { multilinearJvp } from './multilinear.ts';

type Mode = 'full' | 'valid' | 'same';
type Pair = readonly [Tensor, Tensor];

/** How many results of the full convolution stand before those that the mode gives; `shorter`: the smaller size. */
function left(mode: Mode, shorter: number): number {
  if (mode === 'full') return 0;
  return mode === 'valid' ? shorter - 1 : shorter - 1 - Math.floor(shorter / 2);
}

/** The products of the second with every window of the first. */
function correlate(a: Tensor, v: Tensor): Tensor {
  return reshape(conv1d(reshape(a, [1, -1, 1]), reshape(v, [1, -1, 1])), [-1]);
}

/** The gradient by one vector is the correlation of the cotangent, zeros where the mode cuts, with the other. */
export const convolveRules = {
  vjp([a, v]: Pair, [cotangent]: readonly [Tensor], _outputs: unknown, [, , mode]: [unknown, unknown, Mode]): Tensor[] {
    const before = left(mode, Math.min(a.size, v.size));
    const whole = pad(cotangent, [[before, a.size + v.size - 1 - before - cotangent.size]]);
    const by = (to: Tensor, other: Tensor) => astype(correlate(whole, astype(other, whole.dtype)), to.dtype);
    return [by(a, v), by(v, a)];
  },

  jvp(primals: Pair, tangents: readonly (Tensor | null)[], [, , mode]: [unknown, unknown, Mode]): Tensor | null {
    return multilinearJvp(primals, tangents, ([a, v]) => convolve(a as Tensor, v as Tensor, mode));
  },
};
