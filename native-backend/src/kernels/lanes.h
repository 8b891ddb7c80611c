#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstddef>

// Rows of a matrix whose results stand in the lanes of a register.
#define MLX_ROUTER_LANES __attribute__((target("avx2"), always_inline)) inline

namespace mlx_router {

inline constexpr std::size_t kLanes = 8;

/** Where rows begin, one to a lane. */
template <typename Value>
struct Lanes {
  const Value* row[kLanes];

  /** Rows that are all there. */
  MLX_ROUTER_LANES Lanes(const Value* first, std::size_t stride) {
    for (std::size_t lane = 0; lane < kLanes; lane++) row[lane] = first + lane * stride;
  }

  /** Behind the last row of the matrix stands the last row again. */
  MLX_ROUTER_LANES Lanes(const void* rows, std::size_t stride, std::size_t first, std::size_t count) {
    for (std::size_t lane = 0; lane < kLanes; lane++) {
      row[lane] = static_cast<const Value*>(rows) + std::min(first + lane, count - 1) * stride;
    }
  }
};

/** Four words of 32 bits of each row: in `values[i]` the i-th of every row. A word is one value, or two of 16 bits. */
template <typename Value>
MLX_ROUTER_LANES void load_four(const Lanes<Value>& lanes, std::size_t at, __m256i values[4]) {
  static_assert(sizeof(Value) == 4 || sizeof(Value) == 2);
  __m256i rows[4];
  for (int i = 0; i < 4; i++) {
    const auto* low = reinterpret_cast<const __m128i*>(lanes.row[i] + at);
    const auto* high = reinterpret_cast<const __m128i*>(lanes.row[i + 4] + at);
    rows[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1);
  }
  const __m256i a = _mm256_unpacklo_epi32(rows[0], rows[1]);
  const __m256i b = _mm256_unpackhi_epi32(rows[0], rows[1]);
  const __m256i c = _mm256_unpacklo_epi32(rows[2], rows[3]);
  const __m256i d = _mm256_unpackhi_epi32(rows[2], rows[3]);
  values[0] = _mm256_unpacklo_epi64(a, c);
  values[1] = _mm256_unpackhi_epi64(a, c);
  values[2] = _mm256_unpacklo_epi64(b, d);
  values[3] = _mm256_unpackhi_epi64(b, d);
}

}  // namespace mlx_router
