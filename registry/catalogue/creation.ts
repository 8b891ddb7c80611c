import { square } from '../arguments/preconditions/creation.ts';
import type { Operation } from '../operation.ts';
import { array, bool, dtype, int, number, shape, value } from '../parameters.ts';
import { family, sample, special } from './entry.ts';
import { noGradient } from './gradients.ts';

const op = family('creation');

/** Names of mlx-c behind a function whose dtype is taken from its tensor when it is left out. */
function like(name: string, doc: string, aliases: readonly string[] = []): Operation {
  return op(name, [array('a'), dtype('dtype', null)], {
    doc,
    native: { lowering: [name, `${name}_dtype`] },
    aliases,
    gradient: noGradient('does not depend on the elements'),
    sample: sample('tensor', 'all'),
  });
}

function filled(name: string, doc: string, aliases: readonly string[] = []): Operation {
  return op(name, [shape('shape'), dtype('dtype', 'float32', { nullable: true })], {
    doc,
    aliases,
    sample: sample('parameters', 'all'),
  });
}

function window(name: string, doc: string): Operation {
  return op(name, [int('M')], { doc, sample: sample('parameters', 'float32') });
}

function triangle(name: string, doc: string): Operation {
  return op(name, [array('x'), int('k', 0)], {
    doc,
    sample: sample('matrix', 'all'),
  });
}

export const creation: readonly Operation[] = [
  op('arange', [number('start'), number('stop', null), number('step', null), dtype('dtype', null)], {
    doc: 'Evenly spaced numbers from start up to stop, stop left out; with one number, from zero up to it.',
    native: { lowering: ['arange'] },
    example: ['console.log(mx.arange(3)); // → array([0, 1, 2], dtype=int32)'],
    sample: special(
      'arange',
      'at most 1000 elements; step not 0; one, two or three numbers; all integral or not',
      'real',
    ),
  }),
  op(
    'linspace',
    [
      number('start'),
      number('stop'),
      int('num', 50),
      bool('endpoint', true),
      dtype('dtype', 'float32', { nullable: true }),
    ],
    {
      doc: 'So many evenly spaced numbers from start to stop.',
      native: 'linspace_endpoint',
      sample: special('linspace', 'num from 0 to 100; finite start and stop', 'float'),
    },
  ),
  filled('zeros', 'A tensor of zeros.', ['empty']),
  filled('ones', 'A tensor of ones.'),
  op('full', [shape('shape'), value('vals'), dtype('dtype', null)], {
    doc: 'A tensor filled with a value, or with a tensor broadcast to the shape.',
    native: { lowering: ['full'] },
    example: ['console.log(mx.full([2], 7)); // → array([7, 7], dtype=float32)'],
    limits: ['scaled-by-value'],
    sample: special('full', 'vals a number or a tensor that broadcasts to shape', 'all'),
  }),
  like('zeros_like', 'A tensor of zeros with the shape and, unless given, the dtype of another.', ['empty_like']),
  like('ones_like', 'A tensor of ones with the shape and, unless given, the dtype of another.'),
  op('full_like', [array('a'), value('vals'), dtype('dtype', null)], {
    doc: 'A tensor filled with a value, with the shape and, unless given, the dtype of another.',
    native: { lowering: ['full_like'] },
    limits: ['scaled-by-value'],
    sample: special('full_like', 'vals a number or a tensor that broadcasts to the shape of a', 'all'),
  }),
  op('eye', [int('n'), int('m', null), int('k', 0), dtype('dtype', 'float32', { nullable: true })], {
    doc: 'An (n, m) matrix with ones on its k-th diagonal and zeros elsewhere.',
    native: { lowering: ['eye'] },
    preconditions: [square('n', 'n', 'm')],
    sample: sample('parameters', 'all'),
  }),
  op('identity', [int('n'), dtype('dtype', 'float32', { nullable: true })], {
    doc: 'The (n, n) identity matrix.',
    preconditions: [square('n', 'n')],
    sample: sample('parameters', 'all'),
  }),
  op('tri', [int('n'), int('m', null), int('k', 0), dtype('dtype', 'float32', { nullable: true })], {
    doc: 'An (n, m) matrix with ones at and below its k-th diagonal and zeros above.',
    native: { lowering: ['tri'] },
    preconditions: [square('n', 'n', 'm')],
    sample: sample('parameters', 'all'),
  }),
  triangle('tril', 'The elements at and below the k-th diagonal, zeros above.'),
  triangle('triu', 'The elements at and above the k-th diagonal, zeros below.'),
  window('bartlett', 'The Bartlett (triangular) window of M samples.'),
  window('blackman', 'The Blackman window of M samples.'),
  window('hamming', 'The Hamming window of M samples.'),
  window('hanning', 'The Hann window of M samples.'),
];
