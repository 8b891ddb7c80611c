#include "kernels/conversions.h"

#if defined(__linux__) && defined(__x86_64__)

#include <cstring>

#include "kernels/numbers.h"

namespace mlx_router {
namespace {

constexpr std::size_t kVector = 8;

template <Rounding kRounding>
MLX_ROUTER_AVX2 void widen_as(const void* from, float* to, std::size_t count) {
  using N = Number<kRounding>;
  const auto* in = static_cast<const typename N::Storage*>(from);
  std::size_t i = 0;
  for (; i + kVector <= count; i += kVector) _mm256_storeu_ps(to + i, N::load(in + i));
  if (i == count) return;
  typename N::Storage rest[kVector] = {};
  float wide[kVector];
  std::memcpy(rest, in + i, (count - i) * sizeof *in);
  _mm256_storeu_ps(wide, N::load(rest));
  std::memcpy(to + i, wide, (count - i) * sizeof *to);
}

template <Rounding kRounding>
MLX_ROUTER_AVX2 void narrow_as(const float* from, void* to, std::size_t count) {
  using N = Number<kRounding>;
  auto* out = static_cast<typename N::Storage*>(to);
  std::size_t i = 0;
  for (; i + kVector <= count; i += kVector) N::store(out + i, N::rounded(_mm256_loadu_ps(from + i)));
  if (i == count) return;
  float rest[kVector] = {};
  typename N::Storage narrowed[kVector];
  std::memcpy(rest, from + i, (count - i) * sizeof *from);
  N::store(narrowed, N::rounded(_mm256_loadu_ps(rest)));
  std::memcpy(out + i, narrowed, (count - i) * sizeof *out);
}

}  // namespace

bool has_vectors() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
  return has;
}

void widen(const void* from, float* to, std::size_t count, Rounding rounding) {
  if (rounding == Rounding::kFloat32) return widen_as<Rounding::kFloat32>(from, to, count);
  if (rounding == Rounding::kFloat16) return widen_as<Rounding::kFloat16>(from, to, count);
  widen_as<Rounding::kBFloat16>(from, to, count);
}

void narrow(const float* from, void* to, std::size_t count, Rounding rounding) {
  if (rounding == Rounding::kFloat32) return narrow_as<Rounding::kFloat32>(from, to, count);
  if (rounding == Rounding::kFloat16) return narrow_as<Rounding::kFloat16>(from, to, count);
  narrow_as<Rounding::kBFloat16>(from, to, count);
}

MLX_ROUTER_AVX2 void widen_integers(const std::uint32_t* from, float* to, std::size_t count) {
  // Either half of an integer is exact, so the sum alone is rounded.
  for (std::size_t i = 0; i < count; i++) {
    const float high = static_cast<float>(static_cast<std::int32_t>(from[i] >> 16)) * 65536.0f;
    to[i] = high + static_cast<float>(static_cast<std::int32_t>(from[i] & 0xffff));
  }
}

}  // namespace mlx_router

#endif
