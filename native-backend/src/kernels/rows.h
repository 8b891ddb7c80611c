#pragma once

#include <cstddef>

#include "kernels/panels.h"

// The softmax of rows, and the logarithms of their sums of exponentials, as MLX defines them on a CPU: the numbers of a
// row are added from the first to the last. Here the exponentials are computed eight at a time, and the sums of several
// rows beside each other.
namespace mlx_router {

struct RowNumbers {
  /** The dtype of operands and results. */
  Rounding rounding;
  /** Whether each step is rounded to that dtype; otherwise only the results are. */
  bool rounds_steps;
};

/** How many rows are added beside each other: a call should have a multiple of it. */
inline constexpr std::size_t kRowsTogether = 8;

/** Computes `rows` rows of `length` numbers, which follow each other; a result may be written over its operand. */
void softmax_rows(const void* in, void* out, std::size_t rows, std::size_t length, RowNumbers numbers);

/** One result for each row. */
void logsumexp_rows(const void* in, void* out, std::size_t rows, std::size_t length, Rounding rounding);

}  // namespace mlx_router
