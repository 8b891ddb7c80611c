#pragma once

#include "mlx/c/mlx.h"

// MLX's derivative of a running extreme searches each result among the elements. It does not find a NaN, which equals
// nothing, and reads out of bounds: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/primitives.cpp
// These scan other numbers in place of NaN, and put NaN into the result.
extern "C" {

int nan_safe_cummax(mlx_array* res, const mlx_array a, bool reverse, bool inclusive, const mlx_stream s);
int nan_safe_cummax_axis(mlx_array* res, const mlx_array a, int axis, bool reverse, bool inclusive, const mlx_stream s);
int nan_safe_cummin(mlx_array* res, const mlx_array a, bool reverse, bool inclusive, const mlx_stream s);
int nan_safe_cummin_axis(mlx_array* res, const mlx_array a, int axis, bool reverse, bool inclusive, const mlx_stream s);
}
