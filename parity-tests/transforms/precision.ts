/**
 * MLX computes these in single precision for float64 too, so differences of them are no finer: by qualified name.
 */
export const SINGLE_PRECISION: ReadonlySet<string> = new Set([
  ...['cos', 'cosh', 'erf', 'erfinv', 'exp', 'expm1', 'logaddexp', 'logcumsumexp', 'logsumexp', 'sigmoid', 'sin'],
  ...['sinh', 'softmax', 'tan', 'tanh', 'conv1d', 'conv2d', 'conv3d', 'conv_general', 'conv_transpose1d'],
  ...['conv_transpose2d', 'conv_transpose3d', 'random.truncated_normal', 'fast.cross_entropy', 'fast.layer_norm'],
  ...['fast.rms_norm', 'fast.rope', 'fast.scaled_dot_product_attention'],
]);

/** Why compiled code may differ from the same operations one by one, and by how much of the largest element. */
export const FUSED = {
  epsilons: 64,
  reason: 'the C++ compiler contracts products and sums, and MLX’s own kernels use other approximations',
};
