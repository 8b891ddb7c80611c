#pragma once

// Lets functions of single numbers, such as exponentials, be computed by the kernels of this folder and on several
// threads, once for the process; false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_elementwise_kernels();
