#pragma once

#include <immintrin.h>

#include <cstdint>

#include "kernels/panels.h"

// Without FMA, which rounds once where MLX rounds twice.
#define MLX_ROUTER_AVX2 __attribute__((target("avx2,f16c")))
#define MLX_ROUTER_INLINE MLX_ROUTER_AVX2 __attribute__((always_inline)) inline

// How values of each dtype are read, rounded after each step of arithmetic in float32, and written, eight at a time.
namespace mlx_router {

template <Rounding kRounding>
struct Number;

template <>
struct Number<Rounding::kFloat32> {
  using Storage = float;
  MLX_ROUTER_INLINE static __m256 rounded(__m256 value) { return value; }
  MLX_ROUTER_INLINE static float widened(float value) { return value; }
  MLX_ROUTER_INLINE static __m256 load(const float* from) { return _mm256_loadu_ps(from); }
  MLX_ROUTER_INLINE static void store(float* to, __m256 value) { _mm256_storeu_ps(to, value); }
};

template <>
struct Number<Rounding::kBFloat16> {
  using Storage = std::uint16_t;
  // To the nearest, ties to even; not a number becomes MLX's own.
  MLX_ROUTER_INLINE static __m256 rounded(__m256 value) {
    const __m256i bits = _mm256_castps_si256(value);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i up = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i cut = _mm256_and_si256(up, _mm256_set1_epi32(static_cast<int>(0xffff0000u)));
    const __m256 unordered = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
    return _mm256_blendv_ps(_mm256_castsi256_ps(cut), _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc00000)), unordered);
  }
  MLX_ROUTER_INLINE static float widened(Storage value) {
    return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(static_cast<int>(std::uint32_t{value} << 16))));
  }
  MLX_ROUTER_INLINE static __m256 load(const Storage* from) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
  MLX_ROUTER_INLINE static void store(Storage* to, __m256 value) {
    const __m256i high = _mm256_srli_epi32(_mm256_castps_si256(value), 16);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(high, high), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
  }
};

template <>
struct Number<Rounding::kFloat16> {
  using Storage = std::uint16_t;
  static constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  MLX_ROUTER_INLINE static __m256 rounded(__m256 value) { return _mm256_cvtph_ps(_mm256_cvtps_ph(value, kNearest)); }
  MLX_ROUTER_INLINE static float widened(Storage value) { return _cvtsh_ss(value); }
  MLX_ROUTER_INLINE static __m256 load(const Storage* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  MLX_ROUTER_INLINE static void store(Storage* to, __m256 value) {
    const __m128i bits = _mm256_cvtps_ph(value, kNearest);
    // Not a number becomes MLX's own, with its sign.
    const __m256i unordered = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
    const __m128i narrow =
        _mm256_castsi256_si128(_mm256_permute4x64_epi64(_mm256_packs_epi32(unordered, unordered), 0x08));
    const __m128i sign = _mm_and_si128(bits, _mm_set1_epi16(static_cast<short>(0x8000)));
    const __m128i own = _mm_or_si128(sign, _mm_set1_epi16(0x7d00));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_blendv_epi8(bits, own, narrow));
  }
};

}  // namespace mlx_router
