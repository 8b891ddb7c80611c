import type { Handle, IndexPart } from '../../foundation/values/values.ts';
import { index } from './getitem.ts';
import { type Lowerings, single } from './lowering.ts';
import { assign, update } from './setitem.ts';

export const indexing: Lowerings = {
  index: (c, args, context) => {
    const [a, parts] = args as unknown as [Handle, readonly IndexPart<Handle>[]];
    return index(c, a, parts, context);
  },
  index_put: assign,
  index_add: update('add'),
  index_subtract: update('subtract'),
  index_multiply: update('multiply'),
  index_divide: update('divide'),
  index_maximum: update('maximum'),
  index_minimum: update('minimum'),
  take_along_axis: (c, args) => {
    const [a, indices, axis] = args as [Handle, Handle, number | null];
    if (axis !== null) return c('take_along_axis', a, indices, axis);
    return c('take_along_axis', single(c('flatten', a, 0, -1)), indices, 0);
  },
  put_along_axis: (c, args, context) => {
    const [a, indices, values, axis] = args as [Handle, Handle, Handle, number | null];
    if (axis !== null) return c('put_along_axis', a, indices, values, axis);
    const flat = single(c('put_along_axis', single(c('flatten', a, 0, -1)), indices, values, 0));
    return c('reshape', flat, context.shape(a));
  },
};
