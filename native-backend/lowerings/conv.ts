import { type Handle, Scalar } from '../../foundation/values/values.ts';
import { type Lowerings, listed, refuse, single } from './lowering.ts';

type Sizes = number | readonly number[];
type Padding = Sizes | readonly [readonly number[], readonly number[]];

/** One number for all three spatial axes, or one for each. */
function triple(value: Sizes): readonly number[] {
  if (typeof value === 'number') return [value, value, value];
  return value.length === 3 ? value : refuse(`expected a number or three of them, received ${value.length}`);
}

function isPair(padding: Padding): padding is readonly [readonly number[], readonly number[]] {
  return Array.isArray(padding) && Array.isArray(padding[0]);
}

const BATCH_AND_CHANNEL = [1, -1, 1];

export const conv: Lowerings = {
  convolve: (c, args, context) => {
    const [a, v, mode] = args as [Handle, Handle, 'full' | 'valid' | 'same'];
    const [[n, ...moreOfA], [m, ...moreOfV]] = [context.shape(a), context.shape(v)];
    if (n === undefined || m === undefined || moreOfA.length + moreOfV.length > 0) {
      return refuse('[convolve] Inputs must be 1D.');
    }
    if (n === 0 || m === 0) return refuse('[convolve] Inputs cannot be empty.');
    const [long, short, size] = n < m ? [v, a, n] : [a, v, m];
    // One element is its own reverse, and MLX takes a reversed slice of it for constant.
    const reversed = size === 1 ? short : c('slice', short, [size - 1], [-size - 1], [-1]);
    const weight = c('reshape', single(reversed), BATCH_AND_CHANNEL);
    const input = c('reshape', long, BATCH_AND_CHANNEL);
    const half = Math.floor(size / 2);
    const isLopsided = mode === 'same' && size % 2 === 0;
    const zero = new Scalar(0, context.dtype(long));
    const whole = isLopsided
      ? c('pad', single(input), [0, 1, 2], [0, half, 0], [0, half - 1, 0], zero, 'constant')
      : input;
    const padding = isLopsided || mode === 'valid' ? 0 : mode === 'full' ? size - 1 : half;
    return c('reshape', single(c('conv1d', single(whole), single(weight), 1, padding, 1, 1)), [-1]);
  },

  conv3d: (c, args) => {
    const [input, weight, stride, padding, dilation, groups] = args as [Handle, Handle, Sizes, Sizes, Sizes, number];
    const sizes = [stride, padding, dilation].flatMap((value) => triple(value));
    return c('conv3d', input, weight, ...sizes, groups);
  },
  conv_transpose3d: (c, args) => {
    const [input, weight, ...rest] = args as [Handle, Handle, Sizes, Sizes, Sizes, Sizes, number];
    const groups = rest[4];
    const sizes = rest.slice(0, 4).flatMap((value) => triple(value));
    return c('conv_transpose3d', input, weight, ...sizes, groups);
  },
  conv_general: (c, args) => {
    const [input, weight, stride, padding, kernelDilation, inputDilation, groups, flip] = args as [
      Handle,
      Handle,
      Sizes,
      Padding,
      Sizes,
      Sizes,
      number,
      boolean,
    ];
    const [low, high] = isPair(padding) ? padding : [listed(padding), listed(padding)];
    return c(
      'conv_general',
      input,
      weight,
      listed(stride),
      low,
      high,
      listed(kernelDilation),
      listed(inputDilation),
      groups,
      flip,
    );
  },
};
