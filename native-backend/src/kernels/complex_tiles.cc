#include "kernels/complex_tiles.h"

#if defined(__linux__) && defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#define MLX_ROUTER_FMA __attribute__((target("avx2,fma")))
#define MLX_ROUTER_FMA_INLINE MLX_ROUTER_FMA __attribute__((always_inline)) inline

namespace mlx_router {
namespace {

constexpr std::ptrdiff_t kFloats = 2;
/** Registers of four numbers each that hold a row of a tile. */
constexpr std::size_t kVectors = 2;
constexpr std::size_t kPerVector = kComplexColumns / kVectors;
/** So many rows are computed beside each other, which is what the registers hold. */
constexpr std::size_t kRows = 2;
/** From this depth on, and with rows so far apart, the right matrix is copied where it is read more than once. */
constexpr std::size_t kCopiedDepth = 16;
constexpr std::ptrdiff_t kCopiedStep = 512;

MLX_ROUTER_FMA_INLINE __m256 swap_parts(__m256 numbers) { return _mm256_permute_ps(numbers, 0xb1); }

struct Columns {
  const float* right;
  float* out;

  MLX_ROUTER_FMA_INLINE Columns at(std::size_t tile) const {
    const std::size_t floats = tile * kComplexColumns * kFloats;
    return {right + floats, out + floats};
  }
  MLX_ROUTER_FMA_INLINE __m256 load(std::size_t vector, std::ptrdiff_t offset) const {
    return _mm256_loadu_ps(right + offset * kFloats + vector * 8);
  }
  MLX_ROUTER_FMA_INLINE void store(std::size_t vector, std::ptrdiff_t offset, __m256 numbers) const {
    _mm256_storeu_ps(out + offset * kFloats + vector * 8, numbers);
  }
};

struct Scattered {
  const ComplexLanes& lanes;

  MLX_ROUTER_FMA_INLINE const Scattered& at(std::size_t) const { return *this; }
  MLX_ROUTER_FMA_INLINE __m128 pair(std::size_t lane, std::ptrdiff_t offset) const {
    const auto at = [&](std::size_t i) { return reinterpret_cast<const double*>(lanes.right[i] + offset * kFloats); };
    return _mm_castpd_ps(_mm_loadh_pd(_mm_load_sd(at(lane)), at(lane + 1)));
  }
  MLX_ROUTER_FMA_INLINE __m256 load(std::size_t vector, std::ptrdiff_t offset) const {
    const std::size_t first = vector * kPerVector;
    return _mm256_set_m128(pair(first + 2, offset), pair(first, offset));
  }
  MLX_ROUTER_FMA_INLINE void store_pair(std::size_t lane, std::ptrdiff_t offset, __m128 numbers) const {
    const auto at = [&](std::size_t i) { return reinterpret_cast<double*>(lanes.out[i] + offset * kFloats); };
    _mm_storel_pd(at(lane), _mm_castps_pd(numbers));
    _mm_storeh_pd(at(lane + 1), _mm_castps_pd(numbers));
  }
  MLX_ROUTER_FMA_INLINE void store(std::size_t vector, std::ptrdiff_t offset, __m256 numbers) const {
    const std::size_t first = vector * kPerVector;
    store_pair(first, offset, _mm256_castps256_ps128(numbers));
    store_pair(first + 2, offset, _mm256_extractf128_ps(numbers, 1));
  }
};

/** Sums of one register of results: of what was multiplied with real parts, and with imaginary ones. */
template <ComplexSums kSums>
struct Sums {
  __m256 real;
  __m256 imaginary;

  MLX_ROUTER_FMA_INLINE Sums() : real(_mm256_setzero_ps()), imaginary(_mm256_setzero_ps()) {}

  MLX_ROUTER_FMA_INLINE void add(__m256 right, __m256 left_real, __m256 left_imaginary) {
    real = _mm256_fmadd_ps(right, left_real, real);
    imaginary = _mm256_fmadd_ps(right, left_imaginary, imaginary);
  }

  /** With what OpenBLAS does last: it multiplies with one, a complex number too, and adds to zeros. */
  MLX_ROUTER_FMA_INLINE __m256 result() const {
    const __m256 zeros = _mm256_setzero_ps();
    if constexpr (kSums == ComplexSums::kApartWide) {
      const __m256 sum = _mm256_addsub_ps(real, swap_parts(imaginary));
      const __m256 other = _mm256_fmaddsub_ps(swap_parts(sum), zeros, zeros);
      return _mm256_fmaddsub_ps(sum, _mm256_set1_ps(1), other);
    } else {
      const __m256 sum = _mm256_addsub_ps(swap_parts(imaginary), real);
      const __m256 other = _mm256_fmsubadd_ps(sum, _mm256_set1_ps(-1), zeros);
      return _mm256_fmsubadd_ps(swap_parts(sum), _mm256_set1_ps(-0.0f), other);
    }
  }
};

template <>
struct Sums<ComplexSums::kInTurn> {
  __m256 sum;

  MLX_ROUTER_FMA_INLINE Sums() : sum(_mm256_setzero_ps()) {}

  MLX_ROUTER_FMA_INLINE void add(__m256 right, __m256 left_real, __m256 left_imaginary) {
    sum = _mm256_fmaddsub_ps(swap_parts(right), left_imaginary, sum);
    sum = _mm256_fmaddsub_ps(right, left_real, sum);
  }

  MLX_ROUTER_FMA_INLINE __m256 result() const {
    const __m256 zeros = _mm256_setzero_ps();
    const __m256 other = _mm256_fmaddsub_ps(swap_parts(sum), zeros, zeros);
    return _mm256_fmaddsub_ps(sum, _mm256_set1_ps(1), other);
  }
};

/** Computes `kCount` rows of a tile; `kDepth` is the depth, or 0 for any. */
template <ComplexSums kSums, std::size_t kDepth, std::size_t kCount, typename Place>
MLX_ROUTER_FMA_INLINE void multiply_rows(const ComplexTile& tile, std::size_t row, const Place& place) {
  const std::size_t depth = kDepth == 0 ? tile.depth : kDepth;
  Sums<kSums> sums[kCount][kVectors];
  const float* left = tile.left + static_cast<std::ptrdiff_t>(row) * tile.left_row * kFloats;
  std::ptrdiff_t offset = 0;
  for (std::size_t k = 0; k < depth; k++, left += tile.left_step * kFloats, offset += tile.right_row) {
    const __m256 right[kVectors] = {place.load(0, offset), place.load(1, offset)};
    for (std::size_t r = 0; r < kCount; r++) {
      const float* const number = left + static_cast<std::ptrdiff_t>(r) * tile.left_row * kFloats;
      const __m256 real = _mm256_broadcast_ss(number);
      const __m256 imaginary = _mm256_broadcast_ss(number + 1);
      for (std::size_t v = 0; v < kVectors; v++) sums[r][v].add(right[v], real, imaginary);
    }
  }
  for (std::size_t r = 0; r < kCount; r++) {
    const std::ptrdiff_t to = static_cast<std::ptrdiff_t>(row + r) * tile.out_row;
    for (std::size_t v = 0; v < kVectors; v++) place.store(v, to, sums[r][v].result());
  }
}

/** Computes tiles beside each other, two rows of all of them and then the next two. */
template <ComplexSums kSums, std::size_t kDepth, typename Places>
MLX_ROUTER_FMA void multiply_tiles(const ComplexTile& tile, const Places& places, std::size_t count) {
  std::size_t row = 0;
  for (; row + kRows <= tile.rows; row += kRows) {
    for (std::size_t i = 0; i < count; i++) multiply_rows<kSums, kDepth, kRows>(tile, row, places.at(i));
  }
  if (row == tile.rows) return;
  for (std::size_t i = 0; i < count; i++) multiply_rows<kSums, kDepth, 1>(tile, row, places.at(i));
}

// One or two qubits are what most of such matrices act on.
template <ComplexSums kSums, typename Places>
void multiply_as(const ComplexTile& tile, const Places& places, std::size_t count) {
  if (tile.depth == 2) return multiply_tiles<kSums, 2>(tile, places, count);
  if (tile.depth == 4) return multiply_tiles<kSums, 4>(tile, places, count);
  multiply_tiles<kSums, 0>(tile, places, count);
}

template <typename Places>
void multiply(ComplexSums sums, const ComplexTile& tile, const Places& places, std::size_t count) {
  switch (sums) {
    case ComplexSums::kApart:
      return multiply_as<ComplexSums::kApart>(tile, places, count);
    case ComplexSums::kApartWide:
      return multiply_as<ComplexSums::kApartWide>(tile, places, count);
    case ComplexSums::kInTurn:
      return multiply_as<ComplexSums::kInTurn>(tile, places, count);
  }
}

/** So many tiles are copied at a time, a kilobyte of each row of the right matrix. */
constexpr std::size_t kStrip = 16;
constexpr std::size_t kStripColumns = kStrip * kComplexColumns;

// Rows that lie a power of two apart get into each other's way in the caches: each is read once.
void multiply_copied(ComplexSums sums, ComplexTile tile, const float* right, float* out, std::size_t count) {
  alignas(64) float copy[kMostComplexDepth * kStripColumns * kFloats];
  const std::ptrdiff_t row = std::exchange(tile.right_row, static_cast<std::ptrdiff_t>(kStripColumns)) * kFloats;
  for (std::size_t done = 0; done < count; done += kStrip) {
    const std::size_t tiles = std::min(kStrip, count - done);
    const std::size_t at = done * kComplexColumns * kFloats;
    for (std::size_t k = 0; k < tile.depth; k++) {
      std::memcpy(copy + k * kStripColumns * kFloats, right + at + static_cast<std::ptrdiff_t>(k) * row,
                  tiles * kComplexColumns * kFloats * sizeof(float));
    }
    multiply(sums, tile, Columns{copy, out + at}, tiles);
  }
}

}  // namespace

void multiply_columns(ComplexSums sums, const ComplexTile& tile, const float* right, float* out, std::size_t count) {
  const bool is_far = tile.depth >= kCopiedDepth && std::abs(tile.right_row) >= kCopiedStep;
  if (is_far && tile.rows > kRows) return multiply_copied(sums, tile, right, out, count);
  multiply(sums, tile, Columns{right, out}, count);
}

void multiply_lanes(ComplexSums sums, const ComplexTile& tile, const ComplexLanes& lanes) {
  multiply(sums, tile, Scattered{lanes}, 1);
}

}  // namespace mlx_router

#endif
