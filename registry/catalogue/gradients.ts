import type { Gradient } from '../gradient.ts';
import type { Parameter, ParameterKind } from '../parameters.ts';
import type { DtypeSet, Sample } from '../sample.ts';

export function piecewise(reason: string): Gradient {
  return { kind: 'piecewise', reason };
}

export function noGradient(reason: string): Gradient {
  return { kind: 'none', reason };
}

export const SMOOTH: Gradient = { kind: 'smooth', reason: null };
export const NOT_AT_ZERO = piecewise('not at zero');
export const NOT_AT_TIES = piecewise('not where elements are equal');
export const NOT_AT_BOUNDS = piecewise('not at the bounds');
export const STEPS = noGradient('constant between its steps');
export const TRUTH_VALUES = noGradient('gives truth values');
export const INTEGERS = noGradient('gives integers');
export const NO_RULE = noGradient('MLX has no rule for it');

const NUMERIC: readonly ParameterKind[] = ['array', 'operand', 'value', 'arrays', 'any'];
const WHOLE: readonly DtypeSet[] = ['integral', 'bitwise', 'uint8', 'bool'];

/** Of a row that says nothing of its gradient: smooth, but none where no parameter takes floats. */
export function usualGradient(parameters: readonly Parameter[], { dtypes }: Sample): Gradient {
  if (!parameters.some(({ kind }) => NUMERIC.includes(kind))) return noGradient('takes no array');
  return WHOLE.includes(dtypes) ? noGradient('integers have no derivative') : SMOOTH;
}
