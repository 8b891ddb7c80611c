import type { Operation } from '../operation.ts';
import { array, axis, index, indices, ints } from '../parameters.ts';
import { overAxis } from './axis.ts';
import { family, special } from './entry.ts';

const op = family('indexing');

// MLX reads and writes stray memory for an index out of range, so every sample keeps within it.
export const indexing: readonly Operation[] = [
  op('index', [array('a'), index('index')], {
    doc: 'The part of a tensor that an index of numbers, slices, null, "..." and index tensors picks.',
    python: 'operator:getitem',
    native: {
      lowering: ['slice', 'squeeze_axes', 'expand_dims_axes', 'take_axis', 'gather', 'reshape', 'transpose_axes'],
    },
    sample: special('1 to rank parts, at most one "..."; numbers and index tensors within the shape', 'all'),
  }),
  op('take', [array('a'), indices('indices'), axis('axis', null)], {
    doc: 'The elements at the given indices along an axis, or of the flattened tensor.',
    native: overAxis('take'),
    sample: special('a is not empty; indices within the axis, negative ones included', 'all'),
  }),
  op('take_along_axis', [array('a'), indices('indices'), axis('axis', null)], {
    doc: 'For each place along an axis, the element at the index given for that place.',
    native: { lowering: ['take_along_axis', 'reshape'] },
    sample: special('indices has the shape of a but along axis, one axis if axis is null; within the axis', 'all'),
  }),
  op('put_along_axis', [array('a'), indices('indices'), array('values'), axis('axis', null)], {
    doc: 'The tensor with the elements at the given indices along an axis replaced.',
    native: { lowering: ['put_along_axis', 'reshape'] },
    sample: special('as take_along_axis, no index twice in a line; values broadcasts to indices', 'all'),
  }),
  op('slice', [array('a'), indices('start_indices'), ints('axes'), ints('slice_size')], {
    doc: 'A block of the given size, whose start along the given axes is itself a tensor.',
    native: 'slice_dynamic',
    sample: special(
      'start_indices is a vector as long as axes; slice_size has the rank of a; the block is within a',
      'all',
    ),
  }),
  op('slice_update', [array('a'), array('update'), indices('start_indices'), ints('axes')], {
    doc: 'The tensor with a block replaced, whose start along the given axes is itself a tensor.',
    native: 'slice_update_dynamic',
    sample: special('as slice, update having the size of the block', 'all'),
  }),
];
