#pragma once

#include <cstddef>
#include <cstdint>

// The product of vectors with a quantized matrix, as MLX defines it on a CPU: each result is the sum,
// from the first value to the last, of `x * (scale * q + bias)`, and every operation rounds to the dtype of the
// results. MLX computes one result after the other. Here the lanes of a register are results that have nothing to do
// with each other, so each is rounded as MLX rounds it, and the bits are the same.
namespace mlx_router {

enum class Rounding { kFloat32, kFloat16, kBFloat16 };

/** A quantized matrix, whose values are a stream of bits in each row of it, the lowest first. */
struct QuantizedMatrix {
  const std::uint32_t* words;
  /** One for each group of a row; of the dtype of the results, as `biases`. */
  const void* scales;
  const void* biases;
  /** How many results there are of a vector, and how many values a vector has: a multiple of 32. */
  std::size_t count;
  std::size_t depth;
  int group_size;
  int bits;
  /** Whether the rows are what vectors are multiplied with; the columns otherwise, whose `count` is a multiple of 32.
   */
  bool transposed;
};

/** How many results a call of `multiply_panel` computes. */
inline constexpr std::size_t kPanelColumns = 32;

/**
 * Multiplies `count` vectors with the matrix, for the results from `first` on, at most `kPanelColumns` of them; in
 * `out` the results of a vector are `matrix.count` values.
 */
void multiply_panel(const QuantizedMatrix& matrix, std::size_t first, const void* x, std::size_t count, void* out,
                    Rounding rounding);

}  // namespace mlx_router
