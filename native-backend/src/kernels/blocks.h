#pragma once

// For files that are compiled for AVX2 and fused multiply-add, each step rounded by itself, and for no others.

// Everything of MLX gets other names here, so that the linker does not use these copies of MLX's templates elsewhere.
#define mlx mlx_of_kernels
#include "mlx/backend/cpu/simd/simd.h"
#undef mlx

#include <cstddef>
#include <cstring>

#include "kernels/numbers.h"

namespace mlx_router {
namespace {

namespace simd = mlx_of_kernels::core::simd;
using Single = simd::Simd<float, 1>;

constexpr std::size_t kVector = 8;
/** So many numbers are computed at a time, as float32; a multiple of a vector. */
constexpr std::size_t kBlock = 512;

/** Numbers that are computed from others; both are whole vectors, and do not overlap. */
struct Blocks {
  const float* __restrict__ in;
  float* __restrict__ out;
  std::size_t count;
};

/** Calls `compute` with each number; what it calls becomes part of the loop, which the compiler makes vectors of. */
template <typename Compute>
__attribute__((flatten)) void each(const Blocks& blocks, Compute compute) {
  const float* __restrict__ in = blocks.in;
  float* __restrict__ out = blocks.out;
  for (std::size_t i = 0; i < blocks.count; i++) out[i] = compute(in[i]);
}

/** Rounds whole vectors of numbers. */
template <Rounding kRounding>
void round_all(float* block, std::size_t count) {
  if constexpr (kRounding == Rounding::kFloat32) return;
  for (std::size_t i = 0; i < count; i += kVector) {
    _mm256_storeu_ps(block + i, Number<kRounding>::rounded(_mm256_loadu_ps(block + i)));
  }
}

/** Reads numbers as float32, zeros behind the last until a vector is whole; gives how many there are then. */
template <Rounding kRounding>
std::size_t load_block(const typename Number<kRounding>::Storage* from, std::size_t count, float* block) {
  using N = Number<kRounding>;
  const std::size_t whole = count / kVector * kVector;
  for (std::size_t i = 0; i < whole; i += kVector) _mm256_storeu_ps(block + i, N::load(from + i));
  if (whole == count) return whole;
  // Nothing behind the array is touched.
  typename N::Storage rest[kVector] = {};
  std::memcpy(rest, from + whole, (count - whole) * sizeof *from);
  _mm256_storeu_ps(block + whole, N::load(rest));
  return whole + kVector;
}

/** Rounds numbers and writes them. */
template <Rounding kRounding>
void store_block(const float* block, std::size_t count, typename Number<kRounding>::Storage* to) {
  using N = Number<kRounding>;
  const auto store = [&](typename N::Storage* at, std::size_t i) {
    N::store(at, N::rounded(_mm256_loadu_ps(block + i)));
  };
  const std::size_t whole = count / kVector * kVector;
  for (std::size_t i = 0; i < whole; i += kVector) store(to + i, i);
  if (whole == count) return;
  typename N::Storage rest[kVector];
  store(rest, whole);
  std::memcpy(to + whole, rest, (count - whole) * sizeof *to);
}

}  // namespace
}  // namespace mlx_router
