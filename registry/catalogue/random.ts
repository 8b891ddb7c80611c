import { filledInTrace } from '../arguments/preconditions/precondition.ts';
import { permutable, seed } from '../arguments/preconditions/random.ts';
import type { Operation } from '../operation.ts';
import { any, array, axis, dtype, float, int, key, number, operand, shape, value } from '../parameters.ts';
import { family, special } from './entry.ts';
import { INTEGERS, NO_RULE, NOT_AT_BOUNDS, TRUTH_VALUES } from './gradients.ts';

const op = family('random', 'random');

const anyShape = shape('shape', []);
const float32 = dtype('dtype', 'float32', { nullable: true });
const nextKey = key('key', null);
const bounds = 'shape is one to which both bounds broadcast, or empty; an explicit key';

export const random: readonly Operation[] = [
  op('key', [number('seed')], {
    doc: 'A key of the random number generator from a seed, as two uint32.',
    gradient: INTEGERS,
    preconditions: [seed],
    sample: special('random-key', 'seed from 0 to 2^64 - 1', 'float32'),
  }),
  op('split', [array('key'), int('num', 2)], {
    doc: 'So many independent keys out of one, as (num, 2) uint32.',
    native: 'random_split_num',
    gradient: INTEGERS,
    sample: special('random-split', 'key is a key; num from 1 to 8', 'float32'),
  }),
  op('uniform', [value('low', 0), value('high', 1), anyShape, float32, nextKey], {
    doc: 'Numbers drawn evenly from low up to high, high left out.',
    gradient: NOT_AT_BOUNDS,
    sample: special('uniform', bounds, 'narrow', 'finite'),
  }),
  op('normal', [anyShape, float32, value('loc', null), value('scale', null), nextKey], {
    doc: 'Numbers drawn from the normal distribution of the given mean and standard deviation.',
    native: 'random_normal_broadcast',
    example: [
      'const key = mx.random.key(7);',
      'const [one, two] = [mx.random.normal([2], { key }), mx.random.normal([2], { key })];',
      'console.log(mx.arrayEqual(one, two).item()); // → true',
    ],
    sample: special(
      'normal',
      'loc and scale null, numbers, or tensors that broadcast to shape; an explicit key',
      'inexact',
      'finite',
    ),
  }),
  op('multivariate_normal', [array('mean'), array('cov'), anyShape, float32, nextKey], {
    doc: 'Vectors drawn from the normal distribution of the given means (..., n) and covariances (..., n, n).',
    gradient: NO_RULE,
    sample: special('multivariate_normal', 'cov is positive definite; an explicit key', 'float32', 'finite'),
  }),
  op('randint', [value('low'), value('high'), anyShape, dtype('dtype', 'int32', { nullable: true }), nextKey], {
    doc: 'Integers drawn evenly from low up to high, high left out.',
    gradient: INTEGERS,
    sample: special('randint', bounds, 'integral', 'small'),
  }),
  op('bernoulli', [operand('p', 0.5), shape('shape', null), nextKey], {
    doc: 'True with probability p, false otherwise, as bool.',
    native: { lowering: ['random_bernoulli'] },
    gradient: TRUTH_VALUES,
    sample: special(
      'bernoulli',
      'p from 0 to 1, a number or a tensor that broadcasts to shape; an explicit key',
      'float',
    ),
  }),
  op('truncated_normal', [value('lower'), value('upper'), shape('shape', null), float32, nextKey], {
    doc: 'Numbers drawn from the standard normal distribution between two bounds.',
    native: { lowering: ['random_truncated_normal', 'broadcast_arrays'] },
    gradient: NOT_AT_BOUNDS,
    precision: 'single',
    sample: special('truncated_normal', bounds, 'narrow', 'finite'),
  }),
  op('gumbel', [anyShape, float32, nextKey], {
    doc: 'Numbers drawn from the standard Gumbel distribution.',
    sample: special('gumbel', 'an explicit key', 'narrow'),
  }),
  op('categorical', [array('logits'), axis('axis', -1), shape('shape', null), int('num_samples', null), nextKey], {
    doc: 'Classes drawn along an axis with the probabilities that the logits give, as uint32.',
    native: {
      lowering: ['random_categorical', 'random_categorical_shape', 'random_categorical_num_samples'],
    },
    gradient: INTEGERS,
    sample: special(
      'categorical',
      'no empty axis; at most one of shape, which ends in the other axes of logits, and num_samples; an explicit key',
      'all',
      'finite',
    ),
  }),
  op('laplace', [anyShape, float32, float('loc', 0), float('scale', 1), nextKey], {
    doc: 'Numbers drawn from the Laplace distribution of the given mean and scale.',
    sample: special('laplace', 'an explicit key', 'float'),
  }),
  op('permutation', [any('x', undefined, { type: 'number | array' }), axis('axis', 0), nextKey], {
    doc: 'The numbers from 0 up to x, or the slices of a tensor along an axis, in random order.',
    native: { lowering: ['random_permutation', 'random_permutation_arange'] },
    preconditions: [permutable, filledInTrace('x')],
    sample: special('permutation', 'x a number from 0 to 100, or a tensor of rank 1 or more; an explicit key', 'all'),
  }),
];
