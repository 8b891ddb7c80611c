#pragma once

#include <cstddef>
#include <functional>

namespace mlx_router {

/**
 * Calls `task` with every number below `count`, on several threads at a time, and returns when all calls have ended.
 * `task` must not throw. Where the threads are busy with another call, the caller's thread does it all.
 */
void for_each_index(std::size_t count, const std::function<void(std::size_t)>& task);

}  // namespace mlx_router
