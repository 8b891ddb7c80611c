#pragma once

#include "mlx/c/mlx.h"

// MLX does not check the numbers in an index tensor on the CPU, and reads or writes out of bounds:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/indexing.cpp
// These functions stand in for those of mlx-c. They clamp indices to the axis, without an evaluation.

#define MLX_CLAMPED(name, sharing) MLX_BIND(clamped_##name, name, sharing)

extern "C" {

int clamped_take(mlx_array* res, const mlx_array a, const mlx_array indices, const mlx_stream s);
int clamped_take_axis(mlx_array* res, const mlx_array a, const mlx_array indices, int axis, const mlx_stream s);
int clamped_take_along_axis(mlx_array* res, const mlx_array a, const mlx_array indices, int axis, const mlx_stream s);
int clamped_put_along_axis(mlx_array* res, const mlx_array a, const mlx_array indices, const mlx_array values, int axis,
                           const mlx_stream s);
int clamped_gather(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const int* axes, size_t axes_num,
                   const int* slice_sizes, size_t slice_sizes_num, const mlx_stream s);
int clamped_scatter(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const mlx_array updates,
                    const int* axes, size_t axes_num, const mlx_stream s);
int clamped_scatter_add(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const mlx_array updates,
                        const int* axes, size_t axes_num, const mlx_stream s);
int clamped_scatter_prod(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const mlx_array updates,
                         const int* axes, size_t axes_num, const mlx_stream s);
int clamped_scatter_max(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const mlx_array updates,
                        const int* axes, size_t axes_num, const mlx_stream s);
int clamped_scatter_min(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const mlx_array updates,
                        const int* axes, size_t axes_num, const mlx_stream s);
int clamped_slice_dynamic(mlx_array* res, const mlx_array a, const mlx_array start, const int* axes, size_t axes_num,
                          const int* slice_size, size_t slice_size_num, const mlx_stream s);
int clamped_slice_update_dynamic(mlx_array* res, const mlx_array src, const mlx_array update, const mlx_array start,
                                 const int* axes, size_t axes_num, const mlx_stream s);
int clamped_gather_mm(mlx_array* res, const mlx_array a, const mlx_array b, const mlx_array lhs_indices,
                      const mlx_array rhs_indices, bool sorted_indices, const mlx_stream s);
int clamped_gather_qmm(mlx_array* res, const mlx_array x, const mlx_array w, const mlx_array scales,
                       const mlx_array biases, const mlx_array lhs_indices, const mlx_array rhs_indices, bool transpose,
                       mlx_optional_int group_size, mlx_optional_int bits, const char* mode, bool sorted_indices,
                       const mlx_stream s);
int clamped_gather_qqmm(mlx_array* res, const mlx_array x, const mlx_array w, const mlx_array scales_w,
                        const mlx_array lhs_indices, const mlx_array rhs_indices, mlx_optional_int group_size,
                        mlx_optional_int bits, const char* mode, const mlx_array global_scale_x,
                        const mlx_array global_scale_w, bool sorted_indices, const mlx_stream s);
int clamped_segmented_mm(mlx_array* res, const mlx_array a, const mlx_array b, const mlx_array segments,
                         const mlx_stream s);
int clamped_fast_cross_entropy(mlx_array* res, const mlx_array logits, const mlx_array targets, const mlx_stream s);
}
