#pragma once

namespace mlx_router {

/** The product of a matrix in float32 with one vector. */
struct VectorProduct {
  const float* matrix;
  /** `depth` values, contiguous. */
  const float* vector;
  int count;
  int depth;
  /** From one row of the matrix to the next. */
  long stride;
  /** Whether a result is that of a row, whose values are contiguous, or that of a column. */
  bool by_rows;
};

/** The BLAS's own product, with the vector as the left operand or as the right one. */
using SingleProduct = void(const VectorProduct& product, bool from_left, float* out);

/**
 * Computes the product in the bits of `reference`, the BLAS's own with so many threads.
 * @return false where it cannot
 */
bool multiply_vector(const VectorProduct& product, int threads, SingleProduct* reference, float* out);

}  // namespace mlx_router
