#pragma once

#include <optional>

#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx_router {

/** The arrays that `fast::rms_norm` takes; nullopt where its own operations have to compute it. */
std::optional<mlx::core::array> whole_rms_norm(const mlx::core::array& x, const std::optional<mlx::core::array>& weight,
                                               float eps, mlx::core::Stream stream);

/** The same for `fast::layer_norm`. */
std::optional<mlx::core::array> whole_layer_norm(const mlx::core::array& x,
                                                 const std::optional<mlx::core::array>& weight,
                                                 const std::optional<mlx::core::array>& bias, float eps,
                                                 mlx::core::Stream stream);

}  // namespace mlx_router
