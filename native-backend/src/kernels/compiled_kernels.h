#pragma once

// Lets the kernels that MLX compiles for a CPU compute on several threads, once for the process; false where they
// cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_compiled_kernels();
