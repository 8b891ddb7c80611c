#pragma once

namespace mlx_router {

/**
 * Takes the fork handlers of the shared library that has `address`, so that a fork of this process does not run them.
 * False where it was not found out how.
 */
bool remove_fork_handlers(const void* address);

}  // namespace mlx_router
