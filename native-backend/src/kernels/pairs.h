#pragma once

// Lets powers, angles, remainders and choices between two numbers be computed on several threads, once for the process;
// false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_pair_kernels();
