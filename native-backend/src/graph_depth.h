#pragma once

#include "mlx/c/vector.h"

namespace mlx_router {

// Whether MLX can walk the graph of these arrays on what is left of this thread's stack: vmap, jvp, compile and export
// walk by recursion, and end the process where the stack does.
bool fits_stack(mlx_vector_array outputs);

}  // namespace mlx_router
