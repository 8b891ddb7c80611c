#pragma once

// Lets the softmax, and the logarithms of sums of exponentials, be computed by the kernels of this folder and on
// several threads, once for the process; false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_softmax_kernels();
