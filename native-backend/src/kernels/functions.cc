#include "kernels/functions.h"

#if defined(__x86_64__) && defined(__linux__)

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/blocks.h"

namespace mlx_router {
namespace {

// MLX's polynomials are right up to here; beyond it asks the C library.
constexpr float kMostForPolynomials = 8388608.0f;

template <bool kSine>
void sines(const Blocks& blocks) {
  // Of positive numbers the larger has the larger bits; those of what is not a number are larger still.
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < blocks.count; i++)
    most = std::max(most, std::bit_cast<std::uint32_t>(std::fabs(blocks.in[i])));
  if (most > std::bit_cast<std::uint32_t>(kMostForPolynomials)) {
    each(blocks, [](float x) { return simd::sincos_checked<kSine>(Single(x)).value; });
  } else {
    each(blocks, [](float x) { return simd::sincos<kSine>(Single(x)).value; });
  }
}

// As MLX's, in which the exponential is rounded to the dtype and the rest is computed in float32.
template <Rounding kRounding>
void sigmoids(const Blocks& blocks) {
  float powers[kBlock];
  each({blocks.in, powers, blocks.count}, [](float x) { return simd::exp(Single(std::fabs(x))).value; });
  round_all<kRounding>(powers, blocks.count);
  const float* __restrict__ in = blocks.in;
  float* __restrict__ out = blocks.out;
  for (std::size_t i = 0; i < blocks.count; i++) {
    const float y = 1.0f / (1.0f + powers[i]);
    out[i] = in[i] < 0 ? y : 1.0f - y;
  }
}

template <Rounding kRounding, Function kFunction>
void compute(const Blocks& blocks) {
  if constexpr (kFunction == Function::kExp) {
    each(blocks, [](float x) { return simd::exp(Single(x)).value; });
  } else if constexpr (kFunction == Function::kSigmoid) {
    sigmoids<kRounding>(blocks);
  } else if constexpr (kFunction == Function::kSin || kFunction == Function::kCos) {
    sines<kFunction == Function::kSin>(blocks);
  } else if constexpr (kFunction == Function::kErf) {
    // What is not a number becomes negative in MLX's.
    each(blocks, [](float x) { return x != x ? -std::fabs(x + x) : simd::erf(Single(x)).value; });
  } else if constexpr (kFunction == Function::kErfInv) {
    each(blocks, [](float x) { return simd::erfinv(Single(x)).value; });
  } else if constexpr (kFunction == Function::kSqrt) {
    each(blocks, [](float x) { return std::sqrt(x); });
  } else if constexpr (kFunction == Function::kSquare) {
    each(blocks, [](float x) { return x * x; });
  } else if constexpr (kFunction == Function::kNegative) {
    each(blocks, [](float x) { return -x; });
  } else if constexpr (kFunction == Function::kAbs) {
    each(blocks, [](float x) { return std::fabs(x); });
  } else {
    float roots[kBlock];
    each({blocks.in, roots, blocks.count}, [](float x) { return std::sqrt(x); });
    round_all<kRounding>(roots, blocks.count);
    each({roots, blocks.out, blocks.count}, [](float x) { return 1.0f / x; });
  }
}

template <Rounding kRounding, Function kFunction>
void apply(const void* in, void* out, std::size_t count) {
  using Storage = typename Number<kRounding>::Storage;
  const auto* from = static_cast<const Storage*>(in);
  auto* to = static_cast<Storage*>(out);
  float operands[kBlock];
  float results[kBlock];
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t length = std::min(kBlock, count - start);
    const std::size_t whole = load_block<kRounding>(from + start, length, operands);
    compute<kRounding, kFunction>({operands, results, whole});
    store_block<kRounding>(results, length, to + start);
  }
}

template <Function kFunction>
Apply apply_with(Rounding rounding) {
  if (rounding == Rounding::kFloat32) return apply<Rounding::kFloat32, kFunction>;
  if (rounding == Rounding::kFloat16) return apply<Rounding::kFloat16, kFunction>;
  return apply<Rounding::kBFloat16, kFunction>;
}

}  // namespace

bool has_functions() {
  static const bool has =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  return has;
}

Apply apply_of(Function function, Rounding rounding) {
  switch (function) {
    case Function::kExp:
      return apply_with<Function::kExp>(rounding);
    case Function::kSigmoid:
      return apply_with<Function::kSigmoid>(rounding);
    case Function::kSin:
      return apply_with<Function::kSin>(rounding);
    case Function::kCos:
      return apply_with<Function::kCos>(rounding);
    case Function::kErf:
      return apply_with<Function::kErf>(rounding);
    case Function::kErfInv:
      return apply_with<Function::kErfInv>(rounding);
    case Function::kSqrt:
      return apply_with<Function::kSqrt>(rounding);
    case Function::kRsqrt:
      return apply_with<Function::kRsqrt>(rounding);
    case Function::kSquare:
      return apply_with<Function::kSquare>(rounding);
    case Function::kNegative:
      return apply_with<Function::kNegative>(rounding);
    case Function::kAbs:
      return apply_with<Function::kAbs>(rounding);
  }
  return nullptr;
}

}  // namespace mlx_router

#endif
