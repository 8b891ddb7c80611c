#pragma once

#include <vector>

#include "mlx/array.h"

namespace mlx_router {

/** Sees a fused operation that was just made, and of what. */
using CompiledSeen = void (*)(void* compiled, const std::vector<mlx::core::array>& inputs,
                              const std::vector<mlx::core::array>& tape);

/** From now on `seen` is called with each. */
void watch_compiled(CompiledSeen seen);

}  // namespace mlx_router
