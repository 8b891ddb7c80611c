#pragma once

// Lets MLX's quantized products on a CPU use the kernels of this folder where they give the same bits, once for the
// process; false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_quantized_kernels();
