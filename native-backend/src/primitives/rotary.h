#pragma once

#include <optional>

#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx_router {

/** What `fast::rope` takes. */
struct Rotation {
  int dims;
  bool traditional;
  std::optional<float> base;
  float scale;
};

/** The array that `fast::rope` gives; nullopt where its own operations have to compute it. */
std::optional<mlx::core::array> whole_rope(const mlx::core::array& x, const Rotation& rotation,
                                           const mlx::core::array& offset,
                                           const std::optional<mlx::core::array>& frequencies,
                                           mlx::core::Stream stream);

}  // namespace mlx_router
