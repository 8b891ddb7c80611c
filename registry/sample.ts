/** What MLX's own transforms get wrong: each is described in `parity-tests/transforms/limits.ts`. */
export const TRANSFORM_LIMITS = [
  ...['scaled-by-value', 'untransposed-hadamard', 'condition-of-floats', 'reversed-slice', 'unmapped-operand'],
  ...['unmapped-update', 'misplaced-axes', 'order-of-elements', 'softmax-of-integers', 'addmm-factors'],
  ...['mapped-triangle', 'odd-size', 'padding-out-of-bounds', 'longer-input', 'cut-twice', 'rope-of-two'],
] as const;
export type TransformLimit = (typeof TRANSFORM_LIMITS)[number];

/**
 * How parity testing makes calls of an operation: which generator in `parity-tests/arbitraries`,
 * which dtypes and values its tensors take, and how closely the backends must agree.
 */
export interface Sample {
  readonly generator: Generator;
  readonly dtypes: DtypeSet;
  readonly values: ValueSet;
  /** What a special generator keeps to; why there is none. */
  readonly constraint?: string;
  /** Absent: bit for bit. */
  readonly tolerance?: { readonly ulp: number; readonly reason: string };
  /** Why the backends differ all the same. The operation is still run; when they agree one day, the run fails. */
  readonly knownGap?: string;
}

type GeneralGenerator =
  /** No tensor argument: parameters alone, from their kinds. */
  | 'parameters'
  /** One tensor of any shape (0-d and empty included); the other parameters from their kinds, axes valid for it. */
  | 'tensor'
  /** As `tensor`, of rank 1 or more with no empty dimension: reductions without an identity, sorting. */
  | 'filled'
  /** All tensor parameters broadcast together; operands are sometimes weak numbers. */
  | 'broadcast'
  /** All tensor parameters have one shape. */
  | 'same-shape'
  /** Batched products: (…, m, k) by (…, k, n), vectors included. */
  | 'matmul'
  /** (…, m, n) matrices. */
  | 'matrix'
  /** (…, n, n) matrices, well conditioned. */
  | 'square'
  /** (…, n, n) symmetric matrices. */
  | 'symmetric'
  /** (…, n, n) symmetric positive definite matrices. */
  | 'positive-definite'
  /** A list of tensors that agree but along the axis given. */
  | 'list'
  /** Not run by the property tests: no tensor result, or effects outside; a test elsewhere covers it. */
  | 'none';

/** Written for one operation or a few of a kind, in `parity-tests/arbitraries/special`. */
export const SPECIAL_GENERATORS = [
  ...['arange', 'linspace', 'full', 'full_like', 'hadamard_transform', 'depends', 'view', 'diff'],
  ...['reshape', 'flatten', 'unflatten', 'squeeze', 'expand_dims', 'two-axes', 'transpose', 'broadcast_to', 'stack'],
  ...['split', 'repeat', 'tile', 'pad', 'roll', 'diagonal', 'diag', 'as_strided', 'broadcast_arrays', 'meshgrid'],
  ...['index', 'index-write', 'take', 'take_along_axis', 'put_along_axis', 'slice', 'slice_update'],
  ...['partition', 'topk', 'searchsorted'],
  ...['addmm', 'inner', 'outer', 'tensordot', 'kron', 'einsum', 'trace', 'block_masked_mm', 'gather_mm'],
  ...['segmented_mm', 'norm', 'cross', 'solve', 'solve_triangular'],
  ...['fft-axis', 'fft-two-axes', 'fft-axes', 'fft-frequencies'],
  ...['random-key', 'random-split', 'uniform', 'normal', 'multivariate_normal', 'randint', 'bernoulli'],
  ...['truncated_normal', 'gumbel', 'categorical', 'laplace', 'permutation'],
  ...['conv1d', 'conv2d', 'conv3d', 'conv_transpose1d', 'conv_transpose2d', 'conv_transpose3d', 'conv_general'],
  ...['convolve', 'quantize', 'dequantize', 'quantized_matmul', 'gather_qmm', 'qqmm'],
  ...['rms_norm', 'layer_norm', 'cross_entropy', 'rope', 'attention', 'adam_step'],
] as const;
export type SpecialGenerator = (typeof SPECIAL_GENERATORS)[number];

export type Generator = GeneralGenerator | SpecialGenerator;

export type DtypeSet =
  | 'all'
  /** All but bool. */
  | 'numeric'
  /** All but bool and complex64. */
  | 'real'
  /** All but complex64. */
  | 'ordered'
  /** All but float64. */
  | 'single'
  /** float16, float32 and bfloat16. */
  | 'narrow'
  /** Signed and unsigned integers. */
  | 'integral'
  /** Integers and bool. */
  | 'bitwise'
  /** float16, float32, float64, bfloat16 and complex64. */
  | 'inexact'
  /** float16, float32, float64 and bfloat16. */
  | 'float'
  /** float32 and float64: what LAPACK takes. */
  | 'lapack'
  /** float32, float64 and complex64. */
  | 'lapack-complex'
  | 'float32'
  | 'uint8'
  | 'bool';

export type ValueSet =
  /** Everything the dtype has: NaN, infinities, -0, subnormals, integer limits. */
  | 'any'
  /** Finite numbers of moderate size. */
  | 'finite'
  /** Finite numbers above zero. */
  | 'positive'
  /** Between -1 and 1. */
  | 'unit'
  /** Integers from 0 to 7, whatever the dtype: counts and shifts. */
  | 'small';
