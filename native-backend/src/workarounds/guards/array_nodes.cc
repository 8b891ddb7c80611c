#include <dlfcn.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "mlx/array.h"
#include "mlx/primitives.h"
#include "workarounds/guards/empty_inputs.h"

namespace {

// As many as nested lists have levels.
constexpr size_t kMostDimensions = 64;

}  // namespace

// Every node of every graph is made by one function of MLX, which knows its true shape, also under vmap and in
// derivatives:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/array.cpp
// The dynamic loader finds this one before MLX's. It refuses so many dimensions that recursion over them would overflow
// the stack, and results that would be read out of bounds. It wraps primitives that crash where there are no elements.
namespace mlx::core {

__attribute__((visibility("default"))) void array::ArrayDesc::init() {
  static const auto next =
      reinterpret_cast<void (*)(ArrayDesc*)>(dlsym(RTLD_NEXT, "_ZN3mlx4core5array9ArrayDesc4initEv"));
  if (next == nullptr) throw std::runtime_error("[array] MLX has no such function.");
  if (shape.size() > kMostDimensions) {
    throw std::invalid_argument("[array] Expected at most " + std::to_string(kMostDimensions) +
                                " dimensions, received " + std::to_string(shape.size()) + ".");
  }
  next(this);
  if (primitive == nullptr) return;
  const bool from_empty =
      std::any_of(inputs.begin(), inputs.end(), [](const array& input) { return input.size() == 0; });
  if (size != 0 && !from_empty) return;
  if (size != 0 && mlx_router::spreads(*primitive)) {
    throw std::invalid_argument("[broadcast] Expected a shape without elements for an array without elements.");
  }
  const bool fails = mlx_router::fails_on_empty(*primitive) ||
                     (size == 0 && primitive->stream().device == Device::gpu && mlx_router::lacks_memory(*primitive));
  if (!fails) return;
  primitive = std::make_shared<mlx_router::EmptyInputs>(std::move(primitive));
}

}  // namespace mlx::core
