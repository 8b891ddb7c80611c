import { blockWithin, sameRank, updateWithin, withinAxis } from '../arguments/preconditions/indexing.ts';
import { filledInTrace } from '../arguments/preconditions/precondition.ts';
import { writable } from '../arguments/preconditions/written.ts';
import type { Operation } from '../operation.ts';
import { array, axis, index, indices, ints, value } from '../parameters.ts';
import { overAxis } from './axis.ts';
import { family, type Row, special } from './entry.ts';
import { NOT_AT_TIES } from './gradients.ts';

const op = family('indexing');

/** The value that an index writes: weak beside the tensor, or nested lists of numbers. */
const written = value('value', undefined, { nested: true, type: 'Operand | Nested<Scalar>' });

const writes: readonly (readonly [name: string, doc: string, row?: Partial<Row>])[] = [
  [
    'index_put',
    'The tensor with the elements at an index replaced by a value, which broadcasts and is cast.',
    { inPlace: 'all', limits: ['unmapped-update', 'misplaced-axes'] },
  ],
  ['index_add', 'The tensor with a value added at an index, as often as the index names a place.'],
  ['index_subtract', 'The tensor with a value subtracted at an index, as often as the index names a place.'],
  ['index_multiply', 'The tensor multiplied by a value at an index, as often as the index names a place.'],
  ['index_divide', 'The tensor divided by a value at an index, as often as the index names a place.'],
  ['index_maximum', 'The tensor with the larger of its elements and a value at an index.', { gradient: NOT_AT_TIES }],
  ['index_minimum', 'The tensor with the smaller of its elements and a value at an index.', { gradient: NOT_AT_TIES }],
];

const WRITING = [
  ...['slice_update', 'slice_update_add', 'slice_update_prod', 'slice_update_max', 'slice_update_min'],
  ...['scatter', 'scatter_add', 'scatter_prod', 'scatter_max', 'scatter_min', 'masked_scatter'],
  ...['reshape', 'expand_dims_axes', 'broadcast_to', 'transpose_axes', 'astype', 'negative', 'reciprocal'],
  ...['add', 'subtract', 'multiply', 'divide', 'maximum', 'minimum'],
];

// An index out of range counts as the nearest in range: MLX itself reads and writes out of bounds there.
export const indexing: readonly Operation[] = [
  op('index', [array('a'), index('index')], {
    doc: 'The part of a tensor that an index of numbers, slices, null, "..." and index tensors picks.',
    python: 'mlx_router_worker.workarounds.contiguous_views:index',
    native: {
      lowering: [
        'integer_index',
        'range_index',
        'basic_index',
        'slice',
        'squeeze_axes',
        'expand_dims_axes',
        'take_axis',
        'gather',
        'reshape',
        'transpose_axes',
        'zeros',
      ],
    },
    sample: special('index', '1 to rank parts, at most one "..."; numbers and index tensors within the shape', 'all'),
  }),
  ...writes.map(([name, doc, row = {}]) =>
    op(
      name,
      [
        array('a'),
        name === 'index_put' ? index('index', undefined, { mask: true, type: 'WriteIndex' }) : index('index'),
        written,
      ],
      {
        doc,
        python: `mlx_router_worker.functional:${name}`,
        native: { lowering: WRITING },
        preconditions: [writable],
        limits: ['unmapped-update'],
        sample: special(
          'index-write',
          'index as for index; the value broadcasts to what it reads; no place twice',
          'all',
        ),
        ...row,
      },
    ),
  ),
  op('take', [array('a'), indices('indices'), axis('axis', null)], {
    doc: 'The elements at the given indices along an axis, or of the flattened tensor.',
    example: [
      'const a = mx.array([10, 20, 30]);',
      'console.log(mx.take(a, [2, 0])); // → array([30, 10], dtype=float32)',
    ],
    python: 'mlx_router_worker.workarounds.clamped_indices:take',
    native: overAxis('take'),
    preconditions: [withinAxis, filledInTrace('a')],
    sample: special('take', 'a is not empty; indices within the axis, negative ones included', 'all'),
  }),
  op('take_along_axis', [array('a'), indices('indices'), axis('axis', null)], {
    doc: 'For each place along an axis, the element at the index given for that place.',
    python: 'mlx_router_worker.workarounds.clamped_indices:take_along_axis',
    native: { lowering: ['take_along_axis', 'flatten'] },
    preconditions: [withinAxis],
    sample: special(
      'take_along_axis',
      'indices has the shape of a but along axis, one axis if axis is null; within the axis',
      'all',
    ),
  }),
  op('put_along_axis', [array('a'), indices('indices'), array('values'), axis('axis', null)], {
    doc: 'The tensor with the elements at the given indices along an axis replaced.',
    python: 'mlx_router_worker.workarounds.clamped_indices:put_along_axis',
    native: { lowering: ['put_along_axis', 'flatten', 'reshape'] },
    preconditions: [withinAxis],
    sample: special(
      'put_along_axis',
      'as take_along_axis, no index twice in a line; values broadcasts to indices',
      'all',
    ),
  }),
  op('slice', [array('a'), indices('start_indices'), ints('axes'), ints('slice_size')], {
    doc: 'A block of the given size, whose start along the given axes is itself a tensor.',
    python: 'mlx_router_worker.workarounds.clamped_indices:slice',
    native: 'slice_dynamic',
    preconditions: [blockWithin],
    sample: special(
      'slice',
      'start_indices is a vector as long as axes; slice_size has the rank of a; the block is within a',
      'all',
    ),
  }),
  op('slice_update', [array('a'), array('update'), indices('start_indices'), ints('axes')], {
    doc: 'The tensor with a block replaced, whose start along the given axes is itself a tensor.',
    python: 'mlx_router_worker.workarounds.clamped_indices:slice_update',
    native: 'slice_update_dynamic',
    preconditions: [sameRank, updateWithin],
    sample: special('slice_update', 'as slice, update having the size of the block', 'all'),
  }),
];
