#pragma once

// Lets elements be moved in runs or squares and on several threads, where arrays are joined, padded, or written in
// another order, and numbers of 16 bits be converted in vectors, once for the process; false where they cannot.
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_copy_kernels();
