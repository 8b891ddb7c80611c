#include "kernels/half_panels.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/numbers.h"

namespace mlx_router {
namespace {

constexpr std::size_t kVector = 8;
constexpr std::size_t kVectors = kHalfColumns / kVector;
/** So many numbers of each sum are unpacked at a time: half of the nearest cache. */
constexpr std::size_t kDepth = 128;

/** Of eight vectors the first numbers, the second ones, and so on. */
MLX_ROUTER_INLINE void transpose(__m256 rows[kVector]) {
  __m256 pairs[kVector], fours[kVector];
  for (std::size_t i = 0; i < kVector; i += 2) {
    pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (std::size_t i = 0; i < kVector; i += 4) {
    fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
    fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xee);
    fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
    fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xee);
  }
  for (std::size_t i = 0; i < 4; i++) {
    rows[i] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20);
    rows[i + 4] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31);
  }
}

/** Unpacks `count` numbers of each sum from `from` on: those of all results at one place stand together. */
template <Rounding kRounding>
MLX_ROUTER_AVX2 void unpack_columns(const HalfMatrix& matrix, std::size_t first, std::size_t from, std::size_t count,
                                    float* panel) {
  using N = Number<kRounding>;
  using Storage = typename N::Storage;
  const auto* values = static_cast<const Storage*>(matrix.values) + first;
  const std::size_t columns = std::min(kHalfColumns, matrix.count - first);
  for (std::size_t k = 0; k < count; k++, panel += kHalfColumns) {
    const Storage* row = values + (from + k) * matrix.depth_step;
    Storage rest[kHalfColumns] = {};
    if (columns < kHalfColumns) {
      std::memcpy(rest, row, columns * sizeof *row);
      row = rest;
    }
    for (std::size_t v = 0; v < kVectors; v++) _mm256_storeu_ps(panel + v * kVector, N::load(row + v * kVector));
  }
}

/** Of eight rows as many numbers each: the first of all rows, then the second of all, and so on. */
template <Rounding kRounding>
struct Square {
  using N = Number<kRounding>;
  static constexpr std::size_t kSize = kVector;

  MLX_ROUTER_INLINE static void unpack(const typename N::Storage* const rows[kVector], std::size_t at, float* panel) {
    __m256 square[kVector];
    for (std::size_t i = 0; i < kVector; i++) square[i] = N::load(rows[i] + at);
    transpose(square);
    for (std::size_t i = 0; i < kVector; i++) _mm256_storeu_ps(panel + i * kHalfColumns, square[i]);
  }
};

// Two numbers that follow each other are moved as one of 32 bits, for a bfloat16 is the upper half of a float32.
template <>
struct Square<Rounding::kBFloat16> {
  static constexpr std::size_t kSize = 2 * kVector;

  MLX_ROUTER_INLINE static void unpack(const std::uint16_t* const rows[kVector], std::size_t at, float* panel) {
    __m256 square[kVector];
    for (std::size_t i = 0; i < kVector; i++) {
      square[i] = _mm256_loadu_ps(reinterpret_cast<const float*>(rows[i] + at));
    }
    transpose(square);
    const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
    for (std::size_t i = 0; i < kVector; i++) {
      const __m256i pair = _mm256_castps_si256(square[i]);
      float* const to = panel + 2 * i * kHalfColumns;
      _mm256_storeu_ps(to, _mm256_castsi256_ps(_mm256_slli_epi32(pair, 16)));
      _mm256_storeu_ps(to + kHalfColumns, _mm256_castsi256_ps(_mm256_and_si256(pair, upper)));
    }
  }
};

/** As `unpack_columns`, where numbers of one sum follow each other. */
template <Rounding kRounding>
MLX_ROUTER_AVX2 void unpack_rows(const HalfMatrix& matrix, std::size_t first, std::size_t from, std::size_t count,
                                 float* panel) {
  using N = Number<kRounding>;
  using Storage = typename N::Storage;
  const auto* values = static_cast<const Storage*>(matrix.values) + from;
  for (std::size_t column = 0; column < kHalfColumns; column += kVector) {
    // Behind the last result the last one is read again.
    const Storage* rows[kVector];
    for (std::size_t i = 0; i < kVector; i++) {
      rows[i] = values + std::min(first + column + i, matrix.count - 1) * matrix.count_step;
    }
    std::size_t k = 0;
    for (; k + Square<kRounding>::kSize <= count; k += Square<kRounding>::kSize) {
      Square<kRounding>::unpack(rows, k, panel + k * kHalfColumns + column);
    }
    for (; k < count; k++) {
      for (std::size_t i = 0; i < kVector; i++) panel[k * kHalfColumns + column + i] = N::widened(rows[i][k]);
    }
  }
}

/** Adds to the sums of so many vectors. */
template <std::size_t kRows>
MLX_ROUTER_AVX2 void add_products(const float* x, std::size_t length, const float* panel, std::size_t count,
                                  float* sums) {
  __m256 added[kRows][kVectors];
  for (std::size_t r = 0; r < kRows; r++) {
    for (std::size_t v = 0; v < kVectors; v++) added[r][v] = _mm256_loadu_ps(sums + r * kHalfColumns + v * kVector);
  }
  for (std::size_t k = 0; k < count; k++, panel += kHalfColumns) {
    for (std::size_t r = 0; r < kRows; r++) {
      const __m256 one = _mm256_broadcast_ss(x + r * length + k);
      for (std::size_t v = 0; v < kVectors; v++) {
        added[r][v] = _mm256_add_ps(added[r][v], _mm256_mul_ps(one, _mm256_loadu_ps(panel + v * kVector)));
      }
    }
  }
  for (std::size_t r = 0; r < kRows; r++) {
    for (std::size_t v = 0; v < kVectors; v++) _mm256_storeu_ps(sums + r * kHalfColumns + v * kVector, added[r][v]);
  }
}

template <Rounding kRounding>
void multiply(const HalfMatrix& matrix, std::size_t first, const float* x, std::size_t rows, float* sums) {
  float panel[kDepth * kHalfColumns];
  std::fill_n(sums, rows * kHalfColumns, 0.0f);
  for (std::size_t from = 0; from < matrix.depth; from += kDepth) {
    const std::size_t count = std::min(kDepth, matrix.depth - from);
    const auto unpack = matrix.count_step == 1 ? unpack_columns<kRounding> : unpack_rows<kRounding>;
    unpack(matrix, first, from, count, panel);
    std::size_t row = 0;
    for (; row + 2 <= rows; row += 2) {
      add_products<2>(x + row * matrix.depth + from, matrix.depth, panel, count, sums + row * kHalfColumns);
    }
    if (row < rows) {
      add_products<1>(x + row * matrix.depth + from, matrix.depth, panel, count, sums + row * kHalfColumns);
    }
  }
}

}  // namespace

void multiply_half_panel(const HalfMatrix& matrix, std::size_t first, const float* x, std::size_t rows, float* sums,
                         Rounding rounding) {
  (rounding == Rounding::kFloat16 ? multiply<Rounding::kFloat16> : multiply<Rounding::kBFloat16>)(matrix, first, x,
                                                                                                  rows, sums);
}

}  // namespace mlx_router

#endif
