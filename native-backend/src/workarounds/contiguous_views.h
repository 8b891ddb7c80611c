#pragma once

#include "mlx/c/mlx.h"

// MLX takes parts of a view with a negative stride for contiguous, and reads out of bounds:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/common/common.cpp
// These functions give such views as copies in row-major order, which are made when they are evaluated.

#define MLX_CONTIGUOUS(name) MLX_BIND(contiguous_##name, name, kView)

extern "C" {

int contiguous_slice(mlx_array* res, const mlx_array a, const int* start, size_t start_num, const int* stop,
                     size_t stop_num, const int* strides, size_t strides_num, const mlx_stream s);
int contiguous_basic_index(mlx_array* res, const mlx_array a, const int* starts, size_t starts_num, const int* stops,
                           size_t stops_num, const int* steps, size_t steps_num, const int* squeezed,
                           size_t squeezed_num, const mlx_stream s);
int contiguous_flip(mlx_array* res, const mlx_array a, const mlx_stream s);
int contiguous_flip_axis(mlx_array* res, const mlx_array a, int axis, const mlx_stream s);
int contiguous_flip_axes(mlx_array* res, const mlx_array a, const int* axes, size_t axes_num, const mlx_stream s);
int contiguous_as_strided(mlx_array* res, const mlx_array a, const int* shape, size_t shape_num, const int64_t* strides,
                          size_t strides_num, size_t offset, const mlx_stream s);
}
