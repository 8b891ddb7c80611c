import { filledAxis } from '../arguments/preconditions/reduction.ts';
import type { Operation } from '../operation.ts';
import { array, axis, int, string } from '../parameters.ts';
import { overAxis } from './axis.ts';
import { family, sample, special } from './entry.ts';
import { INTEGERS, NOT_AT_TIES } from './gradients.ts';

const op = family('sorting');

const last = axis('axis', -1, { nullable: true });
const withinAxis = 'rank 1 or more, no empty axis; kth within the axis, or within the size if axis is null';

export const sorting: readonly Operation[] = [
  op('sort', [array('a'), last], {
    doc: 'The elements in ascending order along an axis, or flattened and sorted.',
    native: overAxis('sort'),
    gradient: NOT_AT_TIES,
    preconditions: [filledAxis],
    sample: sample('filled', 'all'),
  }),
  op('argsort', [array('a'), last], {
    doc: 'Indices that sort the elements along an axis, or of the flattened tensor, as uint32.',
    native: overAxis('argsort'),
    example: ['console.log(mx.argsort(mx.array([3, 1, 2]))); // → array([1, 2, 0], dtype=uint32)'],
    gradient: INTEGERS,
    preconditions: [filledAxis],
    sample: sample('filled', 'all'),
  }),
  op('partition', [array('a'), int('kth'), last], {
    doc: 'The elements along an axis such that the kth is in its sorted place, smaller ones before it.',
    native: overAxis('partition'),
    gradient: NOT_AT_TIES,
    sample: special('partition', withinAxis, 'all'),
  }),
  op('argpartition', [array('a'), int('kth'), last], {
    doc: 'Indices that partition the elements along an axis, as uint32.',
    native: overAxis('argpartition'),
    gradient: INTEGERS,
    sample: special('partition', withinAxis, 'all'),
  }),
  op('topk', [array('a'), int('k'), last], {
    doc: 'The k largest elements along an axis, in no order.',
    native: overAxis('topk'),
    gradient: NOT_AT_TIES,
    sample: special('topk', 'rank 1 or more, no empty axis; k from 1 to the size of the axis', 'all'),
  }),
  op(
    'searchsorted',
    [array('sorted_sequence'), array('values'), string('side', 'left', { choices: ['left', 'right'] })],
    {
      doc: 'Where in an ascending vector each value would be put in to keep it sorted, as uint32.',
      gradient: INTEGERS,
      sample: special('searchsorted', 'sorted_sequence is a vector in ascending order', 'all', 'finite'),
    },
  ),
];
