import type { Handle, Scalar } from '../../foundation/values/values.ts';
import { type Lowerings, listed, range, refuse } from './lowering.ts';

type PadWidth = number | readonly number[] | readonly (readonly number[])[];

/** Strides of a tensor of this shape whose elements lie in row-major order. */
function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

export const shape: Lowerings = {
  split: (c, args) => {
    const [a, parts, axis] = args as [Handle, number | readonly number[], number];
    return typeof parts === 'number' ? c('split', a, parts, axis) : c('split_sections', a, parts, axis);
  },
  pad: (c, args, context) => {
    const [a, width, mode, value] = args as [Handle, PadWidth, string, Handle | Scalar];
    const all = typeof width === 'number' ? [width] : width;
    if (typeof all[0] === 'number' && all.length === 1) return c('pad_symmetric', a, all[0], value, mode);
    const pairs = (typeof all[0] === 'number' ? [all] : all) as readonly (readonly number[])[];
    if (pairs.some((pair) => pair.length !== 2)) {
      return refuse('[pad] pad_width must be a number, a pair of them, or a list of pairs.');
    }
    const axes = range(context.shape(a).length);
    const each = pairs.length === 1 ? axes.map(() => pairs[0]) : pairs;
    const low = each.map((pair) => pair?.[0] ?? 0);
    const high = each.map((pair) => pair?.[1] ?? 0);
    return c('pad', a, axes, low, high, value, mode);
  },
  roll: (c, args) => {
    const [a, shift, axis] = args as [Handle, number | readonly number[], number | readonly number[] | null];
    if (axis === null) return c('roll', a, listed(shift));
    if (typeof axis === 'number') return c('roll_axis', a, listed(shift), axis);
    return c('roll_axes', a, typeof shift === 'number' ? axis.map(() => shift) : shift, axis);
  },
  as_strided: (c, args, context) => {
    const [a, shape, strides, offset] = args as [Handle, readonly number[] | null, readonly number[] | null, number];
    const sizes = shape ?? context.shape(a);
    return c('as_strided', a, sizes, strides ?? rowMajor(sizes), offset);
  },
};
