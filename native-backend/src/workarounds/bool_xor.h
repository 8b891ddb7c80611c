#pragma once

#include "mlx/c/mlx.h"

// MLX's kernel for the exclusive or of bools writes nothing, so where the result takes over the memory of an operand it
// is that operand: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/binary.cpp
// Whether two bools differ is the same, and right.
extern "C" int bool_safe_bitwise_xor(mlx_array* res, const mlx_array a, const mlx_array b, const mlx_stream s);
