#pragma once

// Replaces MLX's rules for vmap of writes, once for the process.
extern "C" __attribute__((visibility("default"))) void mlx_router_patch_vmap_of_writes();
