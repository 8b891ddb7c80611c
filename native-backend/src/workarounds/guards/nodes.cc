#include <dlfcn.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "mlx/array.h"
#include "mlx/primitives.h"
#include "workarounds/guards/of_nothing.h"

namespace {

// As many as nested lists have levels.
constexpr size_t kMostDimensions = 64;

}  // namespace

// Every node of every graph is made by one function of MLX, which knows its true shape: that of the whole batch under
// vmap, and that of what a derivative adds. MLX finds the function by name, and finds this one first, for it stands
// before MLX.
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
  const bool from_nothing =
      std::any_of(inputs.begin(), inputs.end(), [](const array& input) { return input.size() == 0; });
  if ((size != 0 && !from_nothing) || primitive->stream().device != Device::cpu) return;
  if (size != 0 && mlx_router::spreads(*primitive)) {
    throw std::invalid_argument("[broadcast] Expected a shape without elements for an array without elements.");
  }
  if (!mlx_router::fails_on_nothing(*primitive)) return;
  primitive = std::make_shared<mlx_router::OfNothing>(std::move(primitive));
}

}  // namespace mlx::core
