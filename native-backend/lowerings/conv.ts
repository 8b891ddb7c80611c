import type { Handle } from '../../registry/values.ts';
import { type Lowerings, listed, refuse } from './lowering.ts';

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

export const conv: Lowerings = {
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
