import { filled, filledInTrace } from '../arguments/preconditions/precondition.ts';
import { extremeScan, repeated } from '../arguments/preconditions/reduction.ts';
import type { Operation } from '../operation.ts';
import { array, axes, axis, bool, dtype, int, type Parameter } from '../parameters.ts';
import { overAxes, overAxis } from './axis.ts';
import { family, type Row, sample, special } from './entry.ts';
import { INTEGERS, NOT_AT_TIES, TRUTH_VALUES } from './gradients.ts';

const op = family('reduction');

function reduce(name: string, doc: string, row: Partial<Row> = {}, more: readonly Parameter[] = []) {
  return op(name, [array('a'), axes('axis', null), bool('keepdims', false), ...more], {
    doc,
    native: overAxes(name),
    method: true,
    sample: sample('tensor', 'all'),
    ...row,
  });
}

const ordered: Partial<Row> = { limits: ['order-of-elements'] };
const nonEmpty = { sample: sample('filled', 'all') } as const;

/** The derivatives of these count by dividing by the elements. */
const counted = { preconditions: [filledInTrace('a')] };

function argument(name: string, doc: string) {
  return op(name, [array('a'), axis('axis', null), bool('keepdims', false)], {
    doc,
    native: overAxis(name),
    method: true,
    gradient: INTEGERS,
    sample: sample('filled', 'all'),
  });
}

const direction = [bool('reverse', false, { keywordOnly: true }), bool('inclusive', true, { keywordOnly: true })];

function scan(name: string, doc: string, row: Partial<Row> = {}, more: readonly Parameter[] = []) {
  return op(name, [array('a'), axis('axis', null), ...direction, ...more], {
    doc,
    native: overAxis(name),
    method: true,
    preconditions: [filled('a')],
    sample: sample('filled', 'all'),
    ...row,
  });
}

/** In MLX the derivatives of extremes are not safe from NaN, nor these of the flattened tensor from an empty batch. */
function steady(name: string, doc: string, row: Partial<Row> = {}) {
  return scan(name, doc, { python: `mlx_router_worker.workarounds.scans:${name}`, ...row });
}

const extreme = { gradient: NOT_AT_TIES, preconditions: [filled('a'), extremeScan] };
const ofDtype = dtype('dtype', null, { keywordOnly: true });

export const reduction: readonly Operation[] = [
  reduce('all', 'Whether all elements over the given axes are true, as bool.', { ...counted, gradient: TRUTH_VALUES }),
  reduce('any', 'Whether any element over the given axes is true, as bool.', { ...counted, gradient: TRUTH_VALUES }),
  reduce('sum', 'Sum of the elements over the given axes.', {
    ...ordered,
    example: [
      'const a = mx.array([[1, 2], [3, 4]]);',
      'console.log(mx.sum(a, { axis: 0 })); // → array([4, 6], dtype=float32)',
      'console.log(mx.sum(a, 1, true).shape); // → [ 2, 1 ]',
    ],
  }),
  reduce('prod', 'Product of the elements over the given axes.', counted),
  reduce('min', 'Smallest element over the given axes.', { ...nonEmpty, ...ordered, gradient: NOT_AT_TIES }),
  reduce('max', 'Largest element over the given axes.', { ...nonEmpty, ...ordered, gradient: NOT_AT_TIES }),
  reduce('mean', 'Mean of the elements over the given axes.'),
  reduce('median', 'Median of the elements over the given axes.', {
    ...nonEmpty,
    method: false,
    gradient: NOT_AT_TIES,
  }),
  reduce('var', 'Variance over the given axes, with ddof taken off the count.', {}, [int('ddof', 0)]),
  reduce('std', 'Standard deviation over the given axes, with ddof taken off the count.', {}, [int('ddof', 0)]),
  reduce('logsumexp', 'Logarithm of the sum of the exponentials over the given axes, without overflow.', {
    ...nonEmpty,
    ...ordered,
    precision: 'single',
  }),
  op(
    'count_nonzero',
    [array('a'), axes('axis', null, { keywordOnly: true }), bool('keepdims', false, { keywordOnly: true })],
    {
      doc: 'Number of elements over the given axes that are not zero.',
      native: overAxes('count_nonzero'),
      gradient: INTEGERS,
      sample: sample('tensor', 'all'),
    },
  ),
  argument('argmin', 'Index of the smallest element along an axis, or of the flattened tensor, as uint32.'),
  argument('argmax', 'Index of the largest element along an axis, or of the flattened tensor, as uint32.'),
  scan('cumsum', 'Running sum along an axis, or of the flattened tensor.', { aliases: ['cumulative_sum'] }, [ofDtype]),
  scan('cumprod', 'Running product along an axis, or of the flattened tensor.', { aliases: ['cumulative_prod'] }, [
    ofDtype,
  ]),
  steady('cummax', 'Running maximum along an axis, or of the flattened tensor.', extreme),
  steady('cummin', 'Running minimum along an axis, or of the flattened tensor.', extreme),
  steady('logcumsumexp', 'Logarithm of the running sum of exponentials along an axis.', { precision: 'single' }),
  op('diff', [array('a'), int('n', 1), axis('axis', -1)], {
    doc: 'The n-th difference of neighbours along an axis.',
    preconditions: [repeated],
    sample: special('diff', 'rank 1 or more, no empty axis; n from 0 to 3', 'all'),
  }),
  op('softmax', [array('a'), axes('axis', null), bool('precise', false, { keywordOnly: true })], {
    doc: 'Exponentials divided by their sum over the given axes.',
    native: overAxes('softmax'),
    precision: 'single',
    limits: ['softmax-of-integers'],
    ...nonEmpty,
  }),
];
