/** Why compiled code may differ from the same operations one by one, and by how much of the largest element. */
export const FUSED = {
  epsilons: 64,
  reason: 'the C++ compiler contracts products and sums, and MLX’s own kernels use other approximations',
};
