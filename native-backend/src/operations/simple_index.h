#pragma once

#include "mlx/c/mlx.h"

// The commonest indices, held against the axes here: a[i, j, …], and a[start:stop]. All others are parsed first.

#define MLX_SIMPLE_INDEX(name) MLX_BIND(simple_##name, name, kView)

extern "C" {

int simple_integer_index(mlx_array* res, const mlx_array a, const int* index, size_t index_num, const mlx_stream s);
int simple_range_index(mlx_array* res, const mlx_array a, int start, int stop, const mlx_stream s);
}
