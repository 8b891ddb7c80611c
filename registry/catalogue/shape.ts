import { filledInTrace } from '../arguments/preconditions/precondition.ts';
import { inferable, inside, onMatrix, padWidth, parts } from '../arguments/preconditions/shape.ts';
import type { Operation } from '../operation.ts';
import { any, array, arrays, axes, axis, bool, int, ints, operand, shape, string } from '../parameters.ts';
import { overAxes, overAxis } from './axis.ts';
import { family, sample, special } from './entry.ts';

const op = family('shape');
const oneForEach = { result: 'arrays', returns: 'Each<Arrays>', returnsBy: 'arrays' } as const;
const PAD_MODES = ['constant', 'edge', 'reflect', 'symmetric'];

export const shapes: readonly Operation[] = [
  op('reshape', [array('a'), shape('shape')], {
    doc: 'The same elements in another shape, of which one size may be -1: what is left over.',
    example: ['console.log(mx.arange(6).reshape([2, -1]).T.shape); // → [ 3, 2 ]'],
    method: true,
    variadicMethod: true,
    sample: special('reshape', 'shape has as many elements as a, one size may be -1 unless another is 0', 'all'),
  }),
  op('flatten', [array('a'), int('start_axis', 0), int('end_axis', -1)], {
    doc: 'The axes from one to another, both included, made into one.',
    method: true,
    sample: special('flatten', 'start_axis <= end_axis, both within the rank, negative ones included', 'all'),
  }),
  op('unflatten', [array('a'), axis('axis'), shape('shape')], {
    doc: 'One axis made into several, of which one size may be -1.',
    preconditions: [inferable],
    sample: special('unflatten', 'the product of shape is the size of the axis, one size may be -1', 'all'),
  }),
  op('squeeze', [array('a'), axes('axis', null)], {
    doc: 'Without the axes of size one, or without the given ones.',
    native: overAxes('squeeze'),
    method: true,
    sample: special('squeeze', 'several sizes are 1; axis null or among those', 'all'),
  }),
  op('expand_dims', [array('a'), axes('axis')], {
    doc: 'With axes of size one put in at the given places of the result.',
    native: { axis: 'axis', one: 'expand_dims', many: 'expand_dims_axes' },
    sample: special('expand_dims', 'axis within the rank of the result, no two the same', 'all'),
  }),
  op('flip', [array('a'), axes('axis', null)], {
    doc: 'The elements in reverse order along the given axes, or along all.',
    python: 'mlx_router_worker.workarounds.contiguous_views:flip',
    native: overAxes('flip'),
    sample: sample('tensor', 'all'),
  }),
  op('moveaxis', [array('a'), axis('source'), axis('destination')], {
    doc: 'One axis moved to another place, the others in order.',
    method: true,
    sample: special('two-axes', 'rank 1 or more; both axes within the rank', 'all'),
  }),
  op('swapaxes', [array('a'), axis('axis1'), axis('axis2')], {
    doc: 'Two axes exchanged.',
    method: true,
    sample: special('two-axes', 'rank 1 or more; both axes within the rank', 'all'),
  }),
  op('transpose', [array('a'), ints('axes', null)], {
    doc: 'The axes in the given order, or all reversed.',
    native: { axis: 'axes', none: 'transpose', many: 'transpose_axes' },
    aliases: ['permute_dims', 'matrix_transpose'],
    method: true,
    variadicMethod: true,
    sample: special('transpose', 'axes null or a permutation of the axes', 'all'),
  }),
  op('broadcast_to', [operand('a'), shape('shape')], {
    doc: 'The tensor as if repeated to fill a larger shape, without a copy.',
    sample: special('broadcast_to', 'shape is that of a with sizes of 1 replaced and axes put in front', 'all'),
  }),
  op('atleast_1d', [array('a')], {
    doc: 'The tensor with at least one axis.',
    sample: sample('tensor', 'all'),
  }),
  op('atleast_2d', [array('a')], {
    doc: 'The tensor with at least two axes.',
    sample: sample('tensor', 'all'),
  }),
  op('atleast_3d', [array('a')], {
    doc: 'The tensor with at least three axes.',
    sample: sample('tensor', 'all'),
  }),
  op('concatenate', [arrays('arrays'), axis('axis', 0, { nullable: true })], {
    doc: 'Tensors joined along an axis that they have, or flattened and joined.',
    native: overAxis('concatenate'),
    aliases: ['concat'],
    sample: sample('list', 'all'),
  }),
  op('stack', [arrays('arrays'), axis('axis', 0)], {
    doc: 'Tensors of one shape joined along a new axis.',
    native: 'stack_axis',
    sample: special('stack', '1 to 4 tensors of one shape and dtype; axis within the rank plus one', 'all'),
  }),
  op('unstack', [array('x'), axis('axis', 0, { keywordOnly: true })], {
    doc: 'The slices along an axis, each without that axis.',
    result: 'arrays',
    native: 'unstack_axis',
    sample: sample('filled', 'all'),
  }),
  op('split', [array('a'), axes('indices_or_sections'), axis('axis', 0)], {
    doc: 'Parts along an axis: so many equal ones, or cut before each of the given indices.',
    result: 'arrays',
    returns: 'Parts<IndicesOrSections>',
    returnsBy: 'indices_or_sections',
    native: { lowering: ['split', 'split_sections'] },
    preconditions: [parts],
    method: true,
    sample: special('split', 'a number that divides the size of the axis, or ascending indices within it', 'all'),
  }),
  op('repeat', [array('array'), int('repeats'), axis('axis', null)], {
    doc: 'Each element repeated along an axis, or in the flattened tensor.',
    native: overAxis('repeat'),
    sample: special('repeat', 'repeats from 0 to 3; axis null or within the rank; a is not empty', 'all'),
  }),
  op('tile', [array('a'), shape('reps')], {
    doc: 'The whole tensor repeated along each axis so many times.',
    sample: special('tile', 'reps of length 1 to 4, each from 0 to 3', 'all'),
  }),
  op(
    'pad',
    [
      array('a'),
      any('pad_width', undefined, { type: 'number | readonly number[] | readonly (readonly number[])[]' }),
      string('mode', 'constant', { choices: PAD_MODES }),
      operand('constant_values', 0),
    ],
    {
      doc: 'With elements added before and after each axis.',
      native: { lowering: ['pad'] },
      preconditions: [padWidth],
      limits: ['reversed-slice'],
      sample: special(
        'pad',
        'pad_width a number, one pair, or a pair for each axis, from 0 to 3; reflect and symmetric need less than the size',
        'all',
      ),
    },
  ),
  op('roll', [array('a'), axes('shift'), axes('axis', null)], {
    doc: 'The elements moved along the given axes, those pushed out coming in at the other end.',
    native: { lowering: ['roll', 'roll_axis', 'roll_axes'] },
    sample: special(
      'roll',
      'shift and axis both numbers, both lists of one length, or shift alone; shifts may exceed the size',
      'all',
    ),
  }),
  op('diagonal', [array('a'), int('offset', 0), axis('axis1', 0), axis('axis2', 1)], {
    doc: 'Diagonals of the matrices that two axes make.',
    preconditions: [onMatrix, filledInTrace('a')],
    method: true,
    sample: special('diagonal', 'rank 2 or more; two different axes', 'all'),
  }),
  op('diag', [array('a'), int('k', 0)], {
    doc: 'Diagonal of a matrix, or the matrix that has the vector as its diagonal.',
    method: true,
    sample: special('diag', 'rank 1 or 2; k from -3 to 3', 'all'),
  }),
  op('as_strided', [array('a'), shape('shape', null), ints('strides', null), int('offset', 0)], {
    doc: 'A view of the memory with the given shape and strides, counted in elements.',
    python: 'mlx_router_worker.workarounds.contiguous_views:as_strided',
    native: { lowering: ['as_strided'] },
    preconditions: [inside],
    sample: special(
      'as_strided',
      'every address that shape, strides and offset reach lies within the elements of a',
      'all',
    ),
  }),
  op('contiguous', [array('a'), bool('allow_col_major', false)], {
    doc: 'The tensor with its elements in row-major order in memory.',
    sample: sample('tensor', 'all'),
  }),
  op('broadcast_arrays', [array('arrays', undefined, { variadic: true })], {
    doc: 'Tensors broadcast to the shape that they share.',
    ...oneForEach,
    sample: special('broadcast_arrays', '1 to 3 tensors that broadcast together', 'all'),
  }),
  op(
    'meshgrid',
    [
      array('arrays', undefined, { variadic: true }),
      bool('sparse', false, { keywordOnly: true }),
      string('indexing', 'xy', { keywordOnly: true, choices: ['xy', 'ij'] }),
    ],
    {
      doc: 'Coordinate grids from vectors of coordinates.',
      ...oneForEach,
      sample: special('meshgrid', '1 to 3 vectors, of size 1 or more', 'all'),
    },
  ),
];
