#pragma once

// Lets convolutions be computed by the kernels of this folder and on several threads, once for the process; false where
// they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_convolution_kernels();
