#pragma once

#include "mlx/c/mlx.h"

// MLX takes some views for contiguous that are not, and then reads beside them, or never ends: parts of a view that
// runs backwards, and empty views that are not row-major. These functions give such views as copies in row-major order,
// made when they are evaluated.
extern "C" {

int forward_slice(mlx_array* res, const mlx_array a, const int* start, size_t start_num, const int* stop,
                  size_t stop_num, const int* strides, size_t strides_num, const mlx_stream s);
int forward_basic_index(mlx_array* res, const mlx_array a, const int* starts, size_t starts_num, const int* stops,
                        size_t stops_num, const int* steps, size_t steps_num, const int* squeezed, size_t squeezed_num,
                        const mlx_stream s);
int forward_flip(mlx_array* res, const mlx_array a, const mlx_stream s);
int forward_flip_axis(mlx_array* res, const mlx_array a, int axis, const mlx_stream s);
int forward_flip_axes(mlx_array* res, const mlx_array a, const int* axes, size_t axes_num, const mlx_stream s);
int forward_as_strided(mlx_array* res, const mlx_array a, const int* shape, size_t shape_num, const int64_t* strides,
                       size_t strides_num, size_t offset, const mlx_stream s);
}

namespace mlx_router {

// Puts a row-major array in the place of an empty view, and on a GPU of any empty result.
void settle_empty(mlx_array array, mlx_stream s, bool is_view);
void settle_empty(mlx_vector_array arrays, mlx_stream s, bool is_view);

}  // namespace mlx_router
