import { hadamardLength } from '../arguments/preconditions/linalg.ts';
import { atLeastOne } from '../arguments/preconditions/shape.ts';
import type { Operation } from '../operation.ts';
import { array, arrays, dtype, float, int, operand } from '../parameters.ts';
import type { DtypeSet, ValueSet } from '../sample.ts';
import { family, type Row, sample, special } from './entry.ts';
import { NOT_AT_ZERO, noGradient, piecewise, STEPS, TRUTH_VALUES } from './gradients.ts';

const op = family('unary');

/** One tensor or number in, one of the same shape out. */
function elementwise(name: string, doc: string, dtypes: DtypeSet = 'all', more: Partial<Row> = {}) {
  return op(name, [operand('a')], {
    doc,
    sample: sample('tensor', dtypes),
    ...more,
  });
}

/** One tensor or number, and which of its elements are so. */
function predicate(name: string, doc: string, more: Partial<Row> = {}) {
  return elementwise(name, doc, 'all', { gradient: TRUTH_VALUES, ...more });
}

const method = { method: true } as const;
const steps = { gradient: STEPS } as const;
const single = { precision: 'single' } as const;
const fromZero = { domain: [0.3, 2] } as const;
/** Smooth between -1 and 1. */
const inUnit = { domain: [-0.9, 0.9] } as const;

function within(dtypes: DtypeSet, values: ValueSet) {
  return { sample: sample('tensor', dtypes, values) };
}

export const unary: readonly Operation[] = [
  elementwise('abs', 'Absolute value of each element.', 'all', { ...method, gradient: NOT_AT_ZERO }),
  elementwise('sign', 'Sign of each element: -1, 0 or 1.', 'all', steps),
  op('positive', [array('a')], {
    doc: 'The tensor itself, as unary plus.',
    sample: sample('tensor', 'all'),
  }),
  elementwise('negative', 'Each element negated.', 'numeric', { operator: '__neg__' }),
  elementwise('trunc', 'Each element rounded towards zero.', 'ordered', steps),
  elementwise('square', 'Square of each element.', 'all', method),
  elementwise('sqrt', 'Square root of each element.', 'all', {
    ...method,
    ...fromZero,
    example: ['console.log(mx.sqrt(mx.array([1, 4, 9]))); // → array([1, 2, 3], dtype=float32)'],
  }),
  elementwise('rsqrt', 'One over the square root of each element.', 'all', { ...method, ...fromZero }),
  elementwise('reciprocal', 'One over each element.', 'all', { ...method, ...fromZero }),
  elementwise('exp', 'The exponential of each element: e to its power.', 'all', { ...method, ...single }),
  elementwise('expm1', 'The exponential of each element, minus one, exact near zero.', 'ordered', single),
  elementwise('erf', 'Error function of each element.', 'ordered', single),
  elementwise('erfinv', 'Inverse of the error function of each element.', 'ordered', {
    ...single,
    ...inUnit,
    ...within('ordered', 'unit'),
  }),
  elementwise('sin', 'Sine of each element in radians.', 'all', { ...method, ...single }),
  elementwise('cos', 'Cosine of each element in radians.', 'all', { ...method, ...single }),
  elementwise('tan', 'Tangent of each element in radians.', 'all', { ...single, domain: [-1.2, 1.2] }),
  elementwise('arcsin', 'Inverse sine of each element, in radians.', 'all', {
    aliases: ['asin'],
    ...inUnit,
    ...within('all', 'unit'),
  }),
  elementwise('arccos', 'Inverse cosine of each element, in radians.', 'all', {
    aliases: ['acos'],
    ...inUnit,
    ...within('all', 'unit'),
  }),
  elementwise('arctan', 'Inverse tangent of each element, in radians.', 'all', { aliases: ['atan'] }),
  elementwise('sinh', 'Hyperbolic sine of each element.', 'all', single),
  elementwise('cosh', 'Hyperbolic cosine of each element.', 'all', single),
  elementwise('tanh', 'Hyperbolic tangent of each element.', 'all', single),
  elementwise('arcsinh', 'Inverse hyperbolic sine of each element.', 'all', { aliases: ['asinh'] }),
  elementwise('arccosh', 'Inverse hyperbolic cosine of each element.', 'all', {
    aliases: ['acosh'],
    domain: [1.2, 3],
  }),
  elementwise('arctanh', 'Inverse hyperbolic tangent of each element.', 'all', {
    aliases: ['atanh'],
    ...inUnit,
    ...within('all', 'unit'),
  }),
  elementwise('degrees', 'Each angle turned from radians into degrees.'),
  elementwise('radians', 'Each angle turned from degrees into radians.'),
  elementwise('log', 'Natural logarithm of each element.', 'all', { ...method, ...fromZero }),
  elementwise('log2', 'Base 2 logarithm of each element.', 'all', { ...method, ...fromZero }),
  elementwise('log10', 'Base 10 logarithm of each element.', 'all', { ...method, ...fromZero }),
  elementwise('log1p', 'Natural logarithm of one plus each element, exact near zero.', 'all', {
    ...method,
    domain: [-0.6, 2],
  }),
  elementwise('sigmoid', 'Logistic function of each element: 1 / (1 + exp(-a)).', 'ordered', single),
  elementwise('floor', 'Each element rounded down.', 'ordered', steps),
  elementwise('ceil', 'Each element rounded up.', 'ordered', steps),
  op('round', [operand('a'), int('decimals', 0)], {
    doc: 'Each element rounded half to even, to a number of decimals.',
    method: true,
    gradient: STEPS,
    sample: sample('tensor', 'all'),
  }),
  predicate('logical_not', 'Logical negation of each element, as bool.', method),
  elementwise('bitwise_invert', 'Each bit of each element inverted.', 'bitwise', { operator: '__invert__' }),
  predicate('isnan', 'Which elements are NaN, as bool.'),
  predicate('isinf', 'Which elements are infinite, as bool.'),
  predicate('isfinite', 'Which elements are neither infinite nor NaN, as bool.'),
  predicate('isposinf', 'Which elements are positive infinity, as bool.'),
  predicate('isneginf', 'Which elements are negative infinity, as bool.'),
  op('nan_to_num', [operand('a'), float('nan', 0), float('posinf', null), float('neginf', null)], {
    doc: 'NaN and infinities replaced by finite numbers, by default zero and the limits of the dtype.',
    gradient: piecewise('not at NaN and infinities'),
    sample: sample('tensor', 'narrow'),
  }),
  elementwise('conjugate', 'Complex conjugate of each element.', 'all', { aliases: ['conj'] }),
  elementwise('real', 'Real part of each element.'),
  elementwise('imag', 'Imaginary part of each element.'),
  op('stop_gradient', [array('a')], {
    doc: 'The tensor itself, through which no gradient flows.',
    gradient: noGradient('stops gradients, as it is for'),
    sample: sample('tensor', 'all'),
  }),
  op('depends', [arrays('inputs'), arrays('dependencies')], {
    doc: 'The inputs themselves, computed only after the dependencies.',
    preconditions: [atLeastOne('inputs')],
    result: 'arrays',
    sample: special('depends', 'two lists of 1 to 3 tensors', 'all'),
  }),
  op('astype', [array('a'), dtype('dtype')], {
    doc: 'Each element converted to another dtype.',
    method: true,
    sample: sample('tensor', 'all', 'small'),
  }),
  op('view', [operand('a'), dtype('dtype')], {
    doc: 'The bytes of the tensor read as another dtype; the last dimension grows or shrinks with its size.',
    method: true,
    gradient: piecewise('only as its own dtype'),
    sample: special('view', 'a has 1 or more axes; bytes of the last axis are a multiple of the new item size', 'all'),
  }),
  op('to_fp8', [array('x')], {
    doc: 'Each element converted to 8-bit float (E4M3), held as uint8.',
    gradient: STEPS,
    sample: sample('tensor', 'float', 'finite'),
  }),
  op('from_fp8', [array('x'), dtype('dtype', 'bfloat16')], {
    doc: 'Each uint8 read as an 8-bit float (E4M3) and converted to a floating dtype.',
    sample: sample('tensor', 'uint8'),
  }),
  op('hadamard_transform', [array('a'), float('scale', null)], {
    doc: 'Hadamard transform along the last axis, times a scale of 1/sqrt(n) by default.',
    preconditions: [hadamardLength],
    limits: ['untransposed-hadamard'],
    sample: special(
      'hadamard_transform',
      'the last axis is m * 2^k with m in 1, 12, 20, 28; sizes up to 2^7',
      'single',
      'finite',
    ),
  }),
];
