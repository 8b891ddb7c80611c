#pragma once

// Lets random bits be drawn in vectors and on several threads, once for the process; false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_random_kernels();
