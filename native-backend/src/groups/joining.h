#pragma once

#include <string>

#include "mlx/distributed/distributed.h"

namespace mlx_router {

// MLX's `init`, which waits for the other processes: for ever, or half a minute, by their order. Throws a LostGroup
// when one of them has ended meanwhile, or the time has run out. MLX is then still waiting; who asks again waits with
// it.
mlx::core::distributed::Group join_group(bool strict, const std::string& backend, double timeout_ms);

// The group of those who name none.
mlx::core::distributed::Group default_group();

}  // namespace mlx_router
