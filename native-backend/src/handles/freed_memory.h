#pragma once

namespace mlx_router {

// Lets the C library keep what MLX frees for what MLX allocates next, once for the process.
void keep_freed_memory();

// Gives the system what the C library keeps.
void return_freed_memory();

}  // namespace mlx_router
