#pragma once

#include "mlx/c/array.h"
#include "mlx/c/stream.h"
#include "mlx/c/vector.h"

namespace mlx_router {

// A reduction of an empty view that is not in row-major order may never return:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/reduce.cpp
// CUDA gives some empty results no memory at all, and whatever reads it crashes.
// These put a row-major array in the place of an empty view, and on a GPU of any empty result.
void replace_empty(mlx_array array, mlx_stream s, bool is_view);
void replace_empty(mlx_vector_array arrays, mlx_stream s, bool is_view);

}  // namespace mlx_router
