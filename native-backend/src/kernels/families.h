#pragma once

// Each family of kernels stands in for MLX's evaluation of some primitives on a CPU, with MLX's bits.
namespace mlx_router {

// These let a family be used, once for the process; false where the processor lacks what it needs.
bool use_compiled_kernels();
bool use_quantized_kernels();
bool use_elementwise_kernels();
bool use_pair_kernels();
bool use_softmax_kernels();
bool use_random_kernels();
bool use_copy_kernels();
bool use_convolution_kernels();
bool use_half_kernels();
bool use_reduction_kernels();
bool use_arithmetic_kernels();
bool use_complex_kernels();

}  // namespace mlx_router

/**
 * Lets the kernels of a family, such as `softmax`, be used in this process, once; of all families where it is null.
 * false where some cannot, or where there are none of that name.
 */
extern "C" __attribute__((visibility("default"))) bool mlx_router_use_kernels(const char* family);

/** Whether products of small matrices of complex64 are computed as the BLAS of this processor does; tries it out. */
extern "C" __attribute__((visibility("default"))) bool mlx_router_knows_complex_sums();
