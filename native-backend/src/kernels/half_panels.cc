#include "kernels/half_panels.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/lanes.h"
#include "kernels/numbers.h"

namespace mlx_router {
namespace {

constexpr std::size_t kVectors = kHalfColumns / kLanes;
/** So many numbers of each sum are unpacked at a time: half of the nearest cache. */
constexpr std::size_t kDepth = 128;

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
    for (std::size_t v = 0; v < kVectors; v++) _mm256_storeu_ps(panel + v * kLanes, N::load(row + v * kLanes));
  }
}

/** Words of two numbers each as the first numbers and the second ones. */
template <Rounding kRounding>
MLX_ROUTER_INLINE void unpack_words(__m256i words, float* first, float* second) {
  if constexpr (kRounding == Rounding::kBFloat16) {
    // A bfloat16 is the upper half of a float32.
    const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
    _mm256_storeu_ps(first, _mm256_castsi256_ps(_mm256_slli_epi32(words, 16)));
    _mm256_storeu_ps(second, _mm256_castsi256_ps(_mm256_and_si256(words, upper)));
  } else {
    const __m256i low = _mm256_and_si256(words, _mm256_set1_epi32(0xffff));
    const __m256i halves = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, _mm256_srli_epi32(words, 16)), 0xd8);
    _mm256_storeu_ps(first, _mm256_cvtph_ps(_mm256_castsi256_si128(halves)));
    _mm256_storeu_ps(second, _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)));
  }
}

/** As `unpack_columns`, where numbers of one sum follow each other. */
template <Rounding kRounding>
MLX_ROUTER_AVX2 void unpack_rows(const HalfMatrix& matrix, std::size_t first, std::size_t from, std::size_t count,
                                 float* panel) {
  using N = Number<kRounding>;
  using Storage = typename N::Storage;
  const auto* values = static_cast<const Storage*>(matrix.values) + from;
  for (std::size_t column = 0; column < kHalfColumns; column += kLanes, panel += kLanes) {
    const Lanes<Storage> lanes(values, matrix.count_step, first + column, matrix.count);
    std::size_t k = 0;
    for (; k + kLanes <= count; k += kLanes) {
      __m256i words[4];
      load_four(lanes, k, words);
      for (std::size_t i = 0; i < 4; i++) {
        float* const to = panel + (k + 2 * i) * kHalfColumns;
        unpack_words<kRounding>(words[i], to, to + kHalfColumns);
      }
    }
    for (; k < count; k++) {
      for (std::size_t i = 0; i < kLanes; i++) panel[k * kHalfColumns + i] = N::widened(lanes.row[i][k]);
    }
  }
}

/** Adds to the sums of so many vectors. */
template <std::size_t kRows>
MLX_ROUTER_AVX2 void add_products(const float* x, std::size_t length, const float* panel, std::size_t count,
                                  float* sums) {
  __m256 added[kRows][kVectors];
  for (std::size_t r = 0; r < kRows; r++) {
    for (std::size_t v = 0; v < kVectors; v++) added[r][v] = _mm256_loadu_ps(sums + r * kHalfColumns + v * kLanes);
  }
  for (std::size_t k = 0; k < count; k++, panel += kHalfColumns) {
    for (std::size_t r = 0; r < kRows; r++) {
      const __m256 one = _mm256_broadcast_ss(x + r * length + k);
      for (std::size_t v = 0; v < kVectors; v++) {
        added[r][v] = _mm256_add_ps(added[r][v], _mm256_mul_ps(one, _mm256_loadu_ps(panel + v * kLanes)));
      }
    }
  }
  for (std::size_t r = 0; r < kRows; r++) {
    for (std::size_t v = 0; v < kVectors; v++) _mm256_storeu_ps(sums + r * kHalfColumns + v * kLanes, added[r][v]);
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
