#pragma once

// Makes MLX's vmap of writes right, once for the process; see the file of the same name.
extern "C" __attribute__((visibility("default"))) void mlx_router_align_mapped_writes();
