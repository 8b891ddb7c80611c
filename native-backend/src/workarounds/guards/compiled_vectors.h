#pragma once

#include <string_view>
#include <vector>

#include "mlx/array.h"

// MLX lets the compiler make a fused kernel for any x86-64, where a fused multiply-add is a call of the C library. One
// that is made for AVX2 and rounds each step by itself has the same bits.
namespace mlx_router {

/** With what the names of kernels end that are made for AVX2, so that no other processor loads them. */
inline constexpr std::string_view kVectorSuffix = "_avx2";

/** From now on kernels that can be are named so. Who calls it sees to it that they are compiled so. */
void name_vector_kernels();

/** Gives the fused operation, which was just made of these, such a name if its kernels can be made for AVX2. */
void name_vector_kernel(void* compiled, const std::vector<mlx::core::array>& inputs,
                        const std::vector<mlx::core::array>& tape);

}  // namespace mlx_router
