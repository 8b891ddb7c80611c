import type { Gradient } from '../gradient.ts';
import type { Parameter, ParameterKind } from '../parameters.ts';
import type { DtypeSet, Sample } from '../sample.ts';

const STEPS = 'constant between its steps';
const NO_RULE = 'MLX has no rule for it';
const TIES = 'not where elements are equal';

/** The reason, and the operations that it is true of by qualified name. */
type Reasons = Readonly<Record<string, readonly string[]>>;

const PIECEWISE: Reasons = {
  'not at zero': ['abs', 'linalg.norm'],
  [TIES]: [
    ...['maximum', 'minimum', 'max', 'min', 'median', 'cummax', 'cummin', 'sort', 'partition', 'topk'],
    ...['index_maximum', 'index_minimum'],
  ],
  'not at the bounds': ['clip', 'random.uniform', 'random.truncated_normal'],
  'not where the quotient is whole': ['remainder'],
  'not where the condition changes': ['where'],
  'only as its own dtype': ['view'],
  'not at NaN and infinities': ['nan_to_num'],
  'by the scales and biases': ['dequantize', 'gather_qmm', 'quantized_matmul'],
  'not where a group takes another code': ['quantize'],
};

const NONE: Reasons = {
  [STEPS]: ['sign', 'trunc', 'floor', 'ceil', 'round', 'floor_divide', 'to_fp8', 'qqmm', 'gather_qqmm'],
  'MLX takes both results for constant': ['divmod'],
  'gives truth values': [
    ...['logical_not', 'logical_and', 'logical_or', 'logical_xor', 'all', 'any', 'allclose', 'array_equal', 'isclose'],
    ...['equal', 'not_equal', 'less', 'less_equal', 'greater', 'greater_equal'],
    ...['isnan', 'isinf', 'isfinite', 'isposinf', 'isneginf', 'random.bernoulli'],
  ],
  'gives integers': [
    ...['argmax', 'argmin', 'argsort', 'argpartition', 'count_nonzero', 'searchsorted'],
    ...['random.key', 'random.split', 'random.randint', 'random.categorical', 'einsum_path'],
  ],
  'does not depend on the elements': ['zeros_like', 'ones_like'],
  'stops gradients, as it is for': ['stop_gradient'],
  [NO_RULE]: [
    ...['segmented_mm', 'linalg.qr', 'linalg.svd', 'linalg.inv', 'linalg.tri_inv', 'linalg.cholesky'],
    ...['linalg.cholesky_inv', 'linalg.pinv', 'linalg.eig', 'linalg.eigh', 'linalg.eigvals', 'linalg.eigvalsh'],
    ...['linalg.lu', 'linalg.lu_factor', 'linalg.solve', 'linalg.solve_triangular', 'random.multivariate_normal'],
  ],
};

function byName(kind: 'piecewise' | 'none', reasons: Reasons): [string, Gradient][] {
  return Object.entries(reasons).flatMap(([reason, names]) =>
    names.map((name): [string, Gradient] => [name, { kind, reason }]),
  );
}

/** Operations that are not smooth. */
export const UNSMOOTH: ReadonlyMap<string, Gradient> = new Map([
  ...byName('piecewise', PIECEWISE),
  ...byName('none', NONE),
]);

const NUMERIC: readonly ParameterKind[] = ['array', 'operand', 'value', 'arrays', 'any'];
const WHOLE: readonly DtypeSet[] = ['integral', 'bitwise', 'uint8', 'bool'];

/** Of a row: as listed; otherwise smooth, or none where no parameter takes floats. */
export function gradientOf(name: string, parameters: readonly Parameter[], { dtypes }: Sample): Gradient {
  const listed = UNSMOOTH.get(name);
  if (listed !== undefined) return listed;
  if (!parameters.some(({ kind }) => NUMERIC.includes(kind))) return { kind: 'none', reason: 'takes no array' };
  if (WHOLE.includes(dtypes)) return { kind: 'none', reason: 'integers have no derivative' };
  return { kind: 'smooth', reason: null };
}
