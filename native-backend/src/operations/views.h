#pragma once

#include "mlx/c/array.h"

namespace mlx_router {

// Computes a view of an array that has been evaluated: only its strides are new, and each evaluation of a graph that
// uses it, such as a weight's transposition, has an operation less.
void view_at_once(mlx_array view);

}  // namespace mlx_router
