import { filledInTrace } from '../arguments/preconditions/precondition.ts';
import type { Operation } from '../operation.ts';
import { array, bool, float, operand } from '../parameters.ts';
import type { DtypeSet } from '../sample.ts';
import { family, type Row, sample } from './entry.ts';
import { NOT_AT_BOUNDS, NOT_AT_TIES, noGradient, piecewise, STEPS, TRUTH_VALUES } from './gradients.ts';

const op = family('binary');

/** Two tensors or numbers that broadcast together. */
function pairwise(name: string, doc: string, dtypes: DtypeSet = 'all', more: Partial<Row> = {}) {
  return op(name, [operand('a'), operand('b')], { doc, sample: sample('broadcast', dtypes), ...more });
}

/** An operator of Python, by its special method, that is there in place as well. */
function both(operator: NonNullable<Operation['operator']>) {
  return { operator, inPlace: 'all' } as const;
}

/** Two tensors or numbers, and which of their elements are so. */
function comparison(name: string, operator: NonNullable<Operation['operator']>, doc: string, more: Partial<Row> = {}) {
  return pairwise(name, doc, 'all', { operator, gradient: TRUTH_VALUES, ...more });
}

/** Two tensors or numbers that are true or false, each by itself. */
function logical(name: string, doc: string, more: Partial<Row> = {}) {
  const parameters = ['a', 'b'].map((side) => operand(side, undefined, { apart: true }));
  return op(name, parameters, { doc, gradient: TRUTH_VALUES, sample: sample('broadcast', 'all'), ...more });
}

const unmapped: Partial<Row> = { limits: ['unmapped-operand'] };

const GUARDED = ['add', 'astype', 'equal', 'logical_or', 'where', 'negative', 'floor_divide', 'remainder'];
const FLOORED = [...GUARDED, 'divmod', 'less', 'greater_equal', 'subtract', 'stop_gradient'];

/** MLX ends the process at an integer division by zero, so both backends take the traps out first. */
function integerDivision(name: string, doc: string, more: Partial<Row> = {}) {
  return op(name, [operand('a'), operand('b')], {
    doc,
    python: `mlx_router_worker.workarounds.integer_division:${name}`,
    native: { lowering: GUARDED },
    sample: sample('broadcast', 'real'),
    ...more,
  });
}

const closeness = [
  array('a'),
  array('b'),
  float('rtol', 1e-5),
  float('atol', 1e-8),
  bool('equal_nan', false, { keywordOnly: true }),
];

export const binary: readonly Operation[] = [
  pairwise('add', 'Sum of two tensors, element by element.', 'all', both('__add__')),
  pairwise('subtract', 'Difference of two tensors, element by element.', 'all', both('__sub__')),
  pairwise('multiply', 'Product of two tensors, element by element.', 'all', both('__mul__')),
  pairwise('divide', 'Quotient of two tensors, element by element, always inexact.', 'all', {
    operator: '__truediv__',
    inPlace: 'inexact',
    domain: [0.5, 2],
  }),
  integerDivision('divmod', 'Quotient rounded down, of integers too, and remainder; of an integer by zero 0.', {
    native: { lowering: FLOORED },
    result: 'arrays',
    returns: '[array, array]',
    gradient: noGradient('MLX takes both results for constant'),
  }),
  integerDivision(
    'floor_divide',
    'Quotient of two tensors rounded down, of integers towards zero; of an integer by zero 0.',
    { ...both('__floordiv__'), gradient: STEPS },
  ),
  integerDivision('remainder', 'Remainder with the sign of the divisor; of an integer by zero 0.', {
    ...both('__mod__'),
    gradient: piecewise('not where the quotient is whole'),
  }),
  pairwise('power', 'First tensor to the power of the second, element by element.', 'all', {
    sample: sample('broadcast', 'all', 'small'),
    ...both('__pow__'),
    domain: [0.5, 2],
    aliases: ['pow'],
  }),
  pairwise('minimum', 'Smaller of two elements; NaN if either is.', 'all', { method: true, gradient: NOT_AT_TIES }),
  pairwise('maximum', 'Larger of two elements; NaN if either is.', 'all', {
    example: ['console.log(mx.maximum(mx.array([1, 4]), 2)); // → array([2, 4], dtype=float32)'],
    method: true,
    gradient: NOT_AT_TIES,
  }),
  pairwise('logaddexp', 'Logarithm of the sum of the exponentials, without overflow.', 'all', { precision: 'single' }),
  op('arctan2', [array('a'), array('b')], {
    doc: 'Angle in radians of the point (b, a), in its right quadrant.',
    aliases: ['atan2'],
    sample: sample('broadcast', 'ordered'),
  }),
  comparison('equal', '__eq__', 'Which elements are equal, as bool.'),
  comparison('not_equal', '__ne__', 'Which elements differ, as bool.', unmapped),
  comparison('less', '__lt__', 'Where the first is less than the second, as bool.'),
  comparison('less_equal', '__le__', 'Where the first is less than or equal to the second, as bool.'),
  comparison('greater', '__gt__', 'Where the first is greater than the second, as bool.'),
  comparison('greater_equal', '__ge__', 'Where the first is greater than or equal to the second, as bool.'),
  op('array_equal', [operand('a'), operand('b'), bool('equal_nan', false, { keywordOnly: true })], {
    doc: 'Whether two tensors have one shape and equal elements, as a 0-d bool.',
    gradient: TRUTH_VALUES,
    preconditions: [filledInTrace('a', 'b')],
    sample: sample('broadcast', 'all'),
  }),
  op('allclose', closeness, {
    doc: 'Whether all elements are within a tolerance of each other, as a 0-d bool.',
    gradient: TRUTH_VALUES,
    preconditions: [filledInTrace('a', 'b')],
    sample: sample('broadcast', 'all'),
  }),
  op('isclose', closeness, {
    doc: 'Which elements are within a tolerance of each other, as bool.',
    gradient: TRUTH_VALUES,
    sample: sample('broadcast', 'all'),
  }),
  logical('logical_and', 'Where both elements are true, as bool.', { method: true }),
  logical('logical_or', 'Where either element is true, as bool.', { method: true }),
  logical('logical_xor', 'Where exactly one element is true, as bool.', unmapped),
  pairwise('bitwise_and', 'Bits set in both elements.', 'bitwise', both('__and__')),
  pairwise('bitwise_or', 'Bits set in either element.', 'bitwise', both('__or__')),
  pairwise('bitwise_xor', 'Bits set in exactly one element.', 'bitwise', {
    ...both('__xor__'),
    python: 'mlx_router_worker.workarounds.bool_xor:bitwise_xor',
  }),
  pairwise('left_shift', 'Bits shifted to the left by a number of places.', 'bitwise', {
    sample: sample('broadcast', 'bitwise', 'small'),
    ...both('__lshift__'),
    aliases: ['bitwise_left_shift'],
  }),
  pairwise('right_shift', 'Bits shifted to the right by a number of places.', 'bitwise', {
    sample: sample('broadcast', 'bitwise', 'small'),
    ...both('__rshift__'),
    aliases: ['bitwise_right_shift'],
  }),
  op('where', [operand('condition', undefined, { apart: true }), operand('x'), operand('y')], {
    doc: 'Elements of x where the condition holds, elements of y elsewhere.',
    gradient: piecewise('not where the condition changes'),
    limits: ['condition-of-floats'],
    sample: sample('broadcast', 'all'),
  }),
  op(
    'clip',
    [array('a'), operand('a_min', undefined, { nullable: true }), operand('a_max', undefined, { nullable: true })],
    {
      doc: 'Elements held between two bounds, either of which may be null.',
      gradient: NOT_AT_BOUNDS,
      sample: sample('broadcast', 'all'),
    },
  ),
];
