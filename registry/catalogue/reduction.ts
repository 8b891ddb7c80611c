import type { Operation } from '../operation.ts';
import { array, axes, axis, bool, dtype, int, type Parameter } from '../parameters.ts';
import type { Generator } from '../sample.ts';
import { overAxes, overAxis } from './axis.ts';
import { family, sample, special } from './entry.ts';

const op = family('reduction');

function reduce(name: string, doc: string, generator: Generator = 'tensor', more: readonly Parameter[] = []) {
  return op(name, [array('a'), axes('axis', null), bool('keepdims', false), ...more], {
    doc,
    native: overAxes(name),
    method: name !== 'median',
    sample: sample(generator, 'all'),
  });
}

function argument(name: string, doc: string) {
  return op(name, [array('a'), axis('axis', null), bool('keepdims', false)], {
    doc,
    native: overAxis(name),
    method: true,
    sample: sample('filled', 'all'),
  });
}

const direction = [bool('reverse', false, { keywordOnly: true }), bool('inclusive', true, { keywordOnly: true })];

/** In MLX the derivatives of extremes are not safe from NaN, nor these of the flattened tensor from an empty batch. */
const STEADY = ['cummax', 'cummin', 'logcumsumexp'];

function scan(name: string, doc: string, more: readonly Parameter[] = [], aliases: readonly string[] = []) {
  return op(name, [array('a'), axis('axis', null), ...direction, ...more], {
    doc,
    ...(STEADY.includes(name) ? { python: `mlx_router_worker.steady:${name}` } : {}),
    native: overAxis(name),
    method: true,
    aliases,
    sample: sample('filled', 'all'),
  });
}

const ofDtype = dtype('dtype', null, { keywordOnly: true });

export const reduction: readonly Operation[] = [
  reduce('all', 'Whether all elements over the given axes are true, as bool.'),
  reduce('any', 'Whether any element over the given axes is true, as bool.'),
  reduce('sum', 'Sum of the elements over the given axes.'),
  reduce('prod', 'Product of the elements over the given axes.'),
  reduce('min', 'Smallest element over the given axes.', 'filled'),
  reduce('max', 'Largest element over the given axes.', 'filled'),
  reduce('mean', 'Mean of the elements over the given axes.'),
  reduce('median', 'Median of the elements over the given axes.', 'filled'),
  reduce('var', 'Variance over the given axes, with ddof taken off the count.', 'tensor', [int('ddof', 0)]),
  reduce('std', 'Standard deviation over the given axes, with ddof taken off the count.', 'tensor', [int('ddof', 0)]),
  reduce('logsumexp', 'Logarithm of the sum of the exponentials over the given axes, without overflow.', 'filled'),
  op(
    'count_nonzero',
    [array('a'), axes('axis', null, { keywordOnly: true }), bool('keepdims', false, { keywordOnly: true })],
    {
      doc: 'Number of elements over the given axes that are not zero.',
      native: overAxes('count_nonzero'),
      sample: sample('tensor', 'all'),
    },
  ),
  argument('argmin', 'Index of the smallest element along an axis, or of the flattened tensor, as uint32.'),
  argument('argmax', 'Index of the largest element along an axis, or of the flattened tensor, as uint32.'),
  scan('cumsum', 'Running sum along an axis, or of the flattened tensor.', [ofDtype], ['cumulative_sum']),
  scan('cumprod', 'Running product along an axis, or of the flattened tensor.', [ofDtype], ['cumulative_prod']),
  scan('cummax', 'Running maximum along an axis, or of the flattened tensor.'),
  scan('cummin', 'Running minimum along an axis, or of the flattened tensor.'),
  scan('logcumsumexp', 'Logarithm of the running sum of exponentials along an axis.'),
  op('diff', [array('a'), int('n', 1), axis('axis', -1)], {
    doc: 'The n-th difference of neighbours along an axis.',
    sample: special('rank 1 or more, no empty axis; n from 0 to 3', 'all'),
  }),
  op('softmax', [array('a'), axes('axis', null), bool('precise', false, { keywordOnly: true })], {
    doc: 'Exponentials divided by their sum over the given axes.',
    native: overAxes('softmax'),
    sample: sample('filled', 'all'),
  }),
];
