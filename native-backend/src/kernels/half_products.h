#pragma once

// Lets products of float16 and bfloat16 matrices be computed in vectors and on several threads, once for the process;
// false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_half_kernels();
