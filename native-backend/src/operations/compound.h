#pragma once

#include "mlx/c/mlx.h"

// Functions of our own in the form of mlx-c's, for what would otherwise cost several calls from JavaScript.
// Each leaves *res as it was when it fails.
extern "C" {

// Slices the first axes, as mlx_slice does, and takes away those in `squeezed`; the other axes stay whole.
int mlx_basic_index(mlx_array* res, const mlx_array a, const int* starts, size_t starts_num, const int* stops,
                    size_t stops_num, const int* steps, size_t steps_num, const int* squeezed, size_t squeezed_num,
                    const mlx_stream s);
}
