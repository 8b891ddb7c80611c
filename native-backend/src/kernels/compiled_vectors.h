#pragma once

#include <string_view>

// MLX lets the compiler make a fused kernel for any x86-64, where a fused multiply-add is a call of the C library. One
// that is made for AVX2 and rounds each step by itself has the same bits.
namespace mlx_router {

/** With what the names of kernels end that are made for AVX2, so that no other processor loads them. */
inline constexpr std::string_view kVectorSuffix = "_avx2";

/** From now on kernels that can be are named so. Who calls it sees to it that they are compiled so. */
void name_vector_kernels();

}  // namespace mlx_router
