#pragma once

#include <cstddef>

// Products of matrices of complex64, eight results of a row at a time, with the bits of OpenBLAS: its kernels differ in
// which products are added to which, and so in how they round.
namespace mlx_router {

/** How a result comes of the products of its parts. */
enum class ComplexSums {
  /** Four sums of products, put together at the end: what OpenBLAS does with AVX2. */
  kApart,
  /** The same, with another order of signs: with AVX-512, for columns that fill a register. */
  kApartWide,
  /** Both products are added to one sum, in turn: with AVX-512, for the columns behind those. */
  kInTurn,
};

inline constexpr std::size_t kComplexColumns = 8;

/** No tile is deeper. */
inline constexpr std::size_t kMostComplexDepth = 64;

/** What eight results of each row are computed of. Steps are counted in numbers of complex64. */
struct ComplexTile {
  /** The left matrix: steps from one row to the next, and from one number of a row. */
  const float* left;
  std::ptrdiff_t left_row;
  std::ptrdiff_t left_step;
  std::size_t rows;
  std::size_t depth;
  /** Of the right matrix and of the results, from one row to the next. */
  std::ptrdiff_t right_row;
  std::ptrdiff_t out_row;
};

/** Computes `count` tiles beside each other, whose columns follow each other, as their results do. */
void multiply_columns(ComplexSums sums, const ComplexTile& tile, const float* right, float* out, std::size_t count);

/** Where columns of the right matrix, or of several, begin, and their results. Some may be the same. */
struct ComplexLanes {
  const float* right[kComplexColumns];
  float* out[kComplexColumns];
};

/** Computes results that lie anywhere. */
void multiply_lanes(ComplexSums sums, const ComplexTile& tile, const ComplexLanes& lanes);

}  // namespace mlx_router
