#pragma once

#include <cstddef>
#include <functional>

namespace mlx_router {

/**
 * Calls `task` with every number below `count`, on several threads at a time, and returns when all calls have ended.
 * Numbers that follow each other mostly come to one thread, so that a task can fetch early what the next one reads.
 * `task` must not throw. The caller's thread does it all where the threads are busy with another call, where sharing
 * was of no use lately, or where `operations`, the arithmetic of all calls, is so little that it would not wait for
 * them.
 */
void for_each_index(std::size_t count, std::size_t operations, const std::function<void(std::size_t)>& task);

/**
 * Calls `task(start, count)` for numbers that make up all below `size`, at least `part` of them in a call but for the
 * last, where each call begins at a multiple of `part`. The first part is measured: where the rest is soon done, or
 * sharing was of no use lately, the caller's thread goes on with it in one call, otherwise several threads share it.
 * `task` must not throw.
 */
void for_each_part(std::size_t size, std::size_t part, const std::function<void(std::size_t, std::size_t)>& task);

/**
 * Calls `task` with every number below `count`, each on a thread of its own and all at the same time, so that they may
 * wait for each other. Waits where the threads are busy with another call.
 */
void at_once(std::size_t count, const std::function<void(std::size_t)>& task);

/** Whether there are as many threads as `at_once` needs for so many calls; starts those that are missing. */
bool has_threads_for(std::size_t count);

}  // namespace mlx_router
