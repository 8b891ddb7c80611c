#if defined(__linux__)

#include <dlfcn.h>

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "mlx/stream.h"

namespace mlx::core {
class array;
}

// MLX writes the constants of a fused kernel into its source, with seven digits and a negative zero without its sign,
// and keeps a kernel on the disk for each constant:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/common/compiled.cpp
// What it does not know to be a constant is an input of the kernel. So this constructor of its fused operation, which
// the dynamic loader finds before MLX's, reports no constants to MLX.
namespace {

using Arrays = std::vector<mlx::core::array>;
using Constants = std::unordered_set<std::uintptr_t>;
// What the calling convention makes of a constructor whose vectors and set are passed by value.
using Constructor = void (*)(void*, mlx::core::Stream, Arrays&, Arrays&, Arrays&, Constants&);

#define COMPILED_CONSTRUCTOR                                               \
  "_ZN3mlx4core8CompiledC1ENS0_6StreamESt6vectorINS0_5arrayESaIS4_EES6_S6" \
  "_St13unordered_setImSt4hashImESt8equal_toImESaImEE"

Constructor constructor_of_mlx() { return reinterpret_cast<Constructor>(dlsym(RTLD_NEXT, COMPILED_CONSTRUCTOR)); }

}  // namespace

extern "C" __attribute__((visibility("default"))) void mlx_router_compiled(
    void* self, mlx::core::Stream stream, Arrays& inputs, Arrays& outputs, Arrays& tape,
    Constants& constants) __asm__(COMPILED_CONSTRUCTOR);

void mlx_router_compiled(void* self, mlx::core::Stream stream, Arrays& inputs, Arrays& outputs, Arrays& tape,
                         Constants& constants) {
  static const Constructor construct = constructor_of_mlx();
  constants.clear();
  construct(self, stream, inputs, outputs, tape, constants);
}

#endif
