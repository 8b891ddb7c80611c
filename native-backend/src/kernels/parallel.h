#pragma once

#include <cstddef>
#include <functional>

namespace mlx_router {

/**
 * Calls `task` with every number below `count`, on several threads at a time, and returns when all calls have ended.
 * Numbers that follow each other mostly come to one thread, so that a task can fetch early what the next one reads.
 * `task` must not throw. The caller's thread does it all where the threads are busy with another call, or where
 * `operations`, the arithmetic of all calls, is so little that it would not wait for them.
 */
void for_each_index(std::size_t count, std::size_t operations, const std::function<void(std::size_t)>& task);

}  // namespace mlx_router
