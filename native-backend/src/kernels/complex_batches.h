#pragma once

#include <cstddef>

#include "kernels/complex_tiles.h"
#include "mlx/array.h"

namespace mlx_router {

/** Which sums the columns of a product get. */
struct ComplexOrder {
  /** The columns that come in eights, and the others behind them. */
  ComplexSums eights;
  ComplexSums others;
  /** Products of more rows that have columns in eights are added up in yet another way. */
  std::size_t most_rows;
};

/** Matrices of complex64 that lie anywhere; steps are counted in numbers. */
struct ComplexMatrices {
  const float* values;
  std::ptrdiff_t row;
  std::ptrdiff_t column;
};

/** Products of as many pairs of matrices, `rows` × `depth` by `depth` × `columns`. */
struct ComplexBatch {
  std::size_t rows;
  std::size_t columns;
  std::size_t depth;
  ComplexMatrices left;
  ComplexMatrices right;
  float* out;
  std::size_t pairs = 1;
  /** The axes along which the pairs lie, and how far apart their matrices are. */
  mlx::core::Shape shape;
  mlx::core::Strides left_steps;
  mlx::core::Strides right_steps;
};

/** Computes all products, on several threads where that is worth it. */
void multiply_batch(const ComplexBatch& batch, const ComplexOrder& order);

}  // namespace mlx_router
