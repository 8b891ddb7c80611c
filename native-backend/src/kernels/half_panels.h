#pragma once

#include <cstddef>

#include "kernels/panels.h"

// Products with a matrix of 16-bit numbers, as MLX defines them on a CPU: each result is the sum of products in
// float32, from the first to the last, every step rounded. Here the lanes of a register are results beside each other.
namespace mlx_router {

/** A matrix of float16 or bfloat16 that vectors are multiplied with. */
struct HalfMatrix {
  const void* values;
  /** So many numbers are summed for each of so many results. */
  std::size_t depth;
  std::size_t count;
  /** How far apart numbers of one sum are, and those of neighbouring results; one of the two is 1. */
  std::size_t depth_step;
  std::size_t count_step;
};

/** How many results, of how many vectors, a call of `multiply_half_panel` computes at most. */
inline constexpr std::size_t kHalfColumns = 32;
inline constexpr std::size_t kHalfRows = 256;

/**
 * Multiplies `rows` vectors of float32, which follow each other, with the matrix, for the results from `first` on; in
 * `sums` those of a vector are `kHalfColumns` numbers, of which the ones behind the last result mean nothing.
 */
void multiply_half_panel(const HalfMatrix& matrix, std::size_t first, const float* x, std::size_t rows, float* sums,
                         Rounding rounding);

}  // namespace mlx_router
