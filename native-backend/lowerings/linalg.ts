import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { type Lowerings, listed, refuse, several } from './lowering.ts';

type Axes = number | readonly number[] | null;
type Contraction = number | readonly (readonly number[])[];

export const linalg: Lowerings = {
  tensordot: (c, args) => {
    const [a, b, axes] = args as [Handle, Handle, Contraction];
    if (typeof axes === 'number') return c('tensordot_axis', a, b, axes);
    const [ofA, ofB] = axes;
    if (ofA === undefined || ofB === undefined || axes.length !== 2) {
      return refuse('[tensordot] axes must be a list of two lists.');
    }
    return c('tensordot', a, b, ofA, ofB);
  },
  trace: (c, args, context) => {
    const [a, offset, axis1, axis2, dtype] = args as [Handle, number, number, number, Dtype | null];
    return c('trace_axes', a, offset, axis1, axis2, dtype ?? context.dtype(a));
  },
  'linalg.norm': (c, args) => {
    const [a, order, axis, keepdims] = args as [Handle, number | string | null, Axes, boolean];
    const axes = axis === null ? null : listed(axis);
    if (order === null) return c('linalg_norm_l2', a, axes, keepdims);
    return c(typeof order === 'string' ? 'linalg_norm_matrix' : 'linalg_norm', a, order, axes, keepdims);
  },
  'linalg.svd': (c, args) => {
    const [a, computeUv] = args as [Handle, boolean];
    const factors = several(c('linalg_svd', a, computeUv));
    return computeUv ? factors : (factors[0] ?? null);
  },
};
