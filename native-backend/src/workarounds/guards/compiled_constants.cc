#if defined(__linux__)

#include "workarounds/guards/compiled_constants.h"

#include <dlfcn.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <unordered_set>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream.h"

// MLX writes the constants of a fused kernel into its source, with seven digits and a negative zero without its sign,
// and keeps a kernel on the disk for each constant:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/common/compiled.cpp
// What it does not know to be a constant is an input of the kernel. So this constructor of its fused operation, which
// the dynamic loader finds before MLX's, reports hardly any constants to MLX: those of a step of an optimizer, such as
// 0.9 and 0.001, whose text is exact, and of which there are so many that reading them takes an eighth of the kernel.
namespace {

using Arrays = std::vector<mlx::core::array>;
using Constants = std::unordered_set<std::uintptr_t>;
// What the calling convention makes of a constructor whose vectors and set are passed by value.
using Constructor = void (*)(void*, mlx::core::Stream, Arrays&, Arrays&, Arrays&, Constants&);

#define COMPILED_CONSTRUCTOR                                               \
  "_ZN3mlx4core8CompiledC1ENS0_6StreamESt6vectorINS0_5arrayESaIS4_EES6_S6" \
  "_St13unordered_setImSt4hashImESt8equal_toImESaImEE"

// More digits are those of a number that was computed, of which there may be ever others.
constexpr int kMostDigits = 3;
// Fewer are read in no time, and each set of constants is a kernel that takes a second to compile.
constexpr size_t kFewest = 4;

// Whether the kernel gets this very number from its text. MLX tells kernels apart by the texts of their constants, one
// after the other without a space: 1 and 23 would be 12 and 3. Those of numbers between -1 and 1 begin with "0." or
// have one digit before the dot or the exponent, so they can be told apart.
bool is_short(const mlx::core::array& constant) {
  if (constant.dtype() != mlx::core::float32 || constant.size() != 1) return false;
  // What another trace stands for has no value, and what is being computed has none yet.
  if (constant.status() != mlx::core::array::Status::available) return false;
  const float value = *constant.data<float>();
  if (value == 0 || !(std::fabs(value) < 1)) return false;
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", kMostDigits, static_cast<double>(value));
  return static_cast<float>(std::strtod(text, nullptr)) == value;
}

Constants written_out(const Arrays& inputs, const Constants& constants) {
  Constants kept;
  for (const auto& input : inputs) {
    if (constants.contains(input.id()) && is_short(input)) kept.insert(input.id());
  }
  return kept.size() < kFewest ? Constants{} : kept;
}

std::atomic<mlx_router::CompiledSeen> watcher{nullptr};

Constructor constructor_of_mlx() { return reinterpret_cast<Constructor>(dlsym(RTLD_NEXT, COMPILED_CONSTRUCTOR)); }

}  // namespace

extern "C" __attribute__((visibility("default"))) void mlx_router_compiled(
    void* self, mlx::core::Stream stream, Arrays& inputs, Arrays& outputs, Arrays& tape,
    Constants& constants) __asm__(COMPILED_CONSTRUCTOR);

void mlx_router_compiled(void* self, mlx::core::Stream stream, Arrays& inputs, Arrays& outputs, Arrays& tape,
                         Constants& constants) {
  static const Constructor construct = constructor_of_mlx();
  constants = written_out(inputs, constants);
  // MLX moves what it is given.
  const Arrays own_inputs = inputs;
  const Arrays own_tape = tape;
  construct(self, stream, inputs, outputs, tape, constants);
  if (const auto seen = watcher.load()) seen(self, own_inputs, own_tape);
}

namespace mlx_router {

void watch_compiled(CompiledSeen seen) { watcher.store(seen); }

}  // namespace mlx_router

#endif
