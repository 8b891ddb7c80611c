#include "kernels/conversions.h"

#if defined(__linux__) && defined(__x86_64__)

#include <cstring>

#include "kernels/blocks.h"

namespace mlx_router {
namespace {

template <Rounding kRounding>
void widen_as(const void* from, float* to, std::size_t count) {
  const auto* in = static_cast<const typename Number<kRounding>::Storage*>(from);
  const std::size_t whole = count / kVector * kVector;
  load_block<kRounding>(in, whole, to);
  float rest[kVector];
  load_block<kRounding>(in + whole, count - whole, rest);
  std::memcpy(to + whole, rest, (count - whole) * sizeof *to);
}

template <Rounding kRounding>
void narrow_as(const float* from, void* to, std::size_t count) {
  store_block<kRounding>(from, count, static_cast<typename Number<kRounding>::Storage*>(to));
}

}  // namespace

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

void widen_integers(const std::uint32_t* from, float* to, std::size_t count) {
  // Either half of an integer is exact, so the sum alone is rounded.
  for (std::size_t i = 0; i < count; i++) {
    const float high = static_cast<float>(static_cast<std::int32_t>(from[i] >> 16)) * 65536.0f;
    to[i] = high + static_cast<float>(static_cast<std::int32_t>(from[i] & 0xffff));
  }
}

void widen_integers(const std::int32_t* from, float* to, std::size_t count) {
  // The numbers may be written over the integers.
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; i++) to[i] = static_cast<float>(from[i]);
}

void widen_integers(const std::uint8_t* from, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; i++) to[i] = static_cast<float>(from[i]);
}

void widen_integers(const std::uint8_t* from, std::int32_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; i++) to[i] = from[i];
}

}  // namespace mlx_router

#endif
