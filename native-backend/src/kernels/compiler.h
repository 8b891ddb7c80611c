#pragma once

#include <cstdio>

namespace mlx_router {

/**
 * Stands for `popen` where MLX compiles a fused kernel. With `has_vectors` the kernel is made for AVX2 and FMA; a
 * command that is not understood is run as it is.
 */
FILE* call_compiler(const char* command, const char* type, bool has_vectors);

}  // namespace mlx_router
