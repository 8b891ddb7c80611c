import type { Kind } from './kinds.ts';

/**
 * MLX computes these in single precision for float64 too, so differences of them are no finer: by qualified name.
 */
export const SINGLE_PRECISION: ReadonlySet<string> = new Set([
  ...['cos', 'cosh', 'erf', 'erfinv', 'exp', 'expm1', 'logaddexp', 'logcumsumexp', 'logsumexp', 'sigmoid', 'sin'],
  ...['sinh', 'softmax', 'tan', 'tanh', 'conv1d', 'conv2d', 'conv3d', 'conv_general', 'conv_transpose1d'],
  ...[
    'conv_transpose2d',
    'conv_transpose3d',
    'random.truncated_normal',
    'fast.cross_entropy',
    'fast.layer_norm',
    'fast.rms_norm',
    'fast.scaled_dot_product_attention',
  ],
]);

/** Transforms by kind, each with what MLX does there. */
type Limits = Readonly<Partial<Record<Kind, string>>>;

const UNLIKE_RANKS = { vmap: 'MLX does not line up a mapped operand with one of another rank that is not mapped' };
const FILLED = { vjp: 'MLX multiplies the cotangent with the value', 'second-vjp': 'as vjp' };
const UPDATE = {
  vmap: 'MLX writes an update that is not mapped, or starts and strides of other rows, to wrong places',
};
const EMPTIED = 'MLX takes a reversed axis of one element for an empty one';
const REVERSED = { vjp: EMPTIED, 'second-vjp': EMPTIED, jvp: EMPTIED, vmap: EMPTIED };
const KERNEL = { vjp: EMPTIED, 'second-vjp': EMPTIED };
const HALVED = { jvp: 'MLX takes the wrong size of the last axis', vmap: 'MLX takes the wrong size of the last axis' };
const NANS = { vmap: 'which NaN is kept depends on the order' };
const TRIANGLE = { vmap: 'MLX drops which triangle is asked for' };

/**
 * Where MLX’s own rules give another value than differences, a loop or the call without compile do: the same one on
 * both sides. It is still compared; a test fails for one that agrees.
 */
export const MLX_LIMITS: Readonly<Record<string, Limits>> = {
  full: FILLED,
  full_like: FILLED,
  hadamard_transform: { vjp: 'MLX takes the matrix for its own transpose, which those of 12, 20 and 28 are not' },
  where: { 'second-vjp': 'MLX gives a condition of floats the derivative that is of the branch' },
  flip: REVERSED,
  pad: REVERSED,
  equal: UNLIKE_RANKS,
  not_equal: UNLIKE_RANKS,
  logical_and: UNLIKE_RANKS,
  logical_or: UNLIKE_RANKS,
  logical_xor: UNLIKE_RANKS,
  bitwise_and: UNLIKE_RANKS,
  bitwise_or: UNLIKE_RANKS,
  bitwise_xor: UNLIKE_RANKS,
  left_shift: UNLIKE_RANKS,
  right_shift: UNLIKE_RANKS,
  index_put: UPDATE,
  index_add: UPDATE,
  index_subtract: UPDATE,
  index_multiply: UPDATE,
  index_divide: UPDATE,
  index_maximum: UPDATE,
  index_minimum: UPDATE,
  min: NANS,
  max: NANS,
  addmm: { jvp: 'MLX leaves alpha and beta out' },
  'linalg.tri_inv': TRIANGLE,
  'linalg.cholesky_inv': TRIANGLE,
  'linalg.solve_triangular': TRIANGLE,
  'fft.irfft': HALVED,
  'fft.irfft2': HALVED,
  'fft.irfftn': HALVED,
  conv1d: KERNEL,
  conv2d: KERNEL,
  conv3d: KERNEL,
  conv_general: KERNEL,
  conv_transpose1d: KERNEL,
  conv_transpose2d: KERNEL,
  conv_transpose3d: KERNEL,
  'fast.rope': {
    vjp: 'MLX gives frequencies no derivative',
    'second-vjp': 'MLX gives frequencies no derivative',
  },
  'fast.scaled_dot_product_attention': { compile: 'MLX computes a mask of infinities as NaN once it is compiled' },
};

/** Transforms that differ between the sides by so many units in the last place, with what differs. */
export const SIDE_TOLERANCES: Readonly<Record<string, { readonly ulp: number; readonly reason: string }>> = {
  index_subtract: { ulp: 1, reason: 'a zero imaginary part is negated on one side and not on the other' },
};

const ONE_PLACE = 'the sides sum a broadcast value, and write the stride of a single place, in another way';

/** Derivatives that differ between the sides, with what differs: known, and counted as what MLX gets wrong. */
export const UNLIKE_SIDES: Readonly<Record<string, Limits>> = {
  index_maximum: { vjp: ONE_PLACE, 'second-vjp': ONE_PLACE },
  index_minimum: { vjp: ONE_PLACE, 'second-vjp': ONE_PLACE },
};

/** Why compiled code may differ from the same operations one by one, and by how much of the largest element. */
export const FUSED = {
  epsilons: 64,
  reason: 'the C++ compiler contracts products and sums, and MLX’s own kernels use other approximations',
};
