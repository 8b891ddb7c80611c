#pragma once

#include <cstddef>

#include "mlx/c/vector.h"

namespace mlx_router {

// How much stack MLX's recursive walks take for each level of a graph, with a margin: about half more than measured.
enum class Walk : size_t { kGradient = 128, kOther = 320 };

// Whether MLX can walk the graph of these arrays on what is left of this thread's stack. Every transform walks by
// recursion, and overflows the stack where the graph is deeper:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/transforms.cpp
bool fits_stack(mlx_vector_array outputs, Walk walk);

}  // namespace mlx_router
