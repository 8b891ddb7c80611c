#pragma once

#include "mlx/c/mlx.h"

// Running extremes of floats whose NaN are set apart. For a derivative MLX looks up where each result came from, finds
// a NaN nowhere, for it equals nothing, and reads stray memory.
extern "C" {

int steady_cummax(mlx_array* res, const mlx_array a, bool reverse, bool inclusive, const mlx_stream s);
int steady_cummax_axis(mlx_array* res, const mlx_array a, int axis, bool reverse, bool inclusive, const mlx_stream s);
int steady_cummin(mlx_array* res, const mlx_array a, bool reverse, bool inclusive, const mlx_stream s);
int steady_cummin_axis(mlx_array* res, const mlx_array a, int axis, bool reverse, bool inclusive, const mlx_stream s);
}
