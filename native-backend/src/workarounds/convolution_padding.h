#pragma once

#include "mlx/c/mlx.h"

// MLX's kernel for the CPU writes out of bounds where the padding has more places than the result:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/conv.cpp
// Where the kernel fits into the padding, MLX's derivative has another shape than the input:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/primitives.cpp
// Here such a padding becomes zeros of the input. Any other convolution is MLX's own.

#define MLX_PADDED(name) MLX_BIND(padded_##name, name, kNone)

extern "C" {

int padded_conv1d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride, int padding, int dilation,
                  int groups, const mlx_stream s);
int padded_conv2d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                  int padding_0, int padding_1, int dilation_0, int dilation_1, int groups, const mlx_stream s);
int padded_conv3d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                  int stride_2, int padding_0, int padding_1, int padding_2, int dilation_0, int dilation_1,
                  int dilation_2, int groups, const mlx_stream s);
int padded_conv_general(mlx_array* res, const mlx_array input, const mlx_array weight, const int* stride,
                        size_t stride_num, const int* padding_lo, size_t padding_lo_num, const int* padding_hi,
                        size_t padding_hi_num, const int* kernel_dilation, size_t kernel_dilation_num,
                        const int* input_dilation, size_t input_dilation_num, int groups, bool flip,
                        const mlx_stream s);
int padded_conv_transpose1d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride, int padding,
                            int dilation, int output_padding, int groups, const mlx_stream s);
int padded_conv_transpose2d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                            int padding_0, int padding_1, int dilation_0, int dilation_1, int output_padding_0,
                            int output_padding_1, int groups, const mlx_stream s);
int padded_conv_transpose3d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                            int stride_2, int padding_0, int padding_1, int padding_2, int dilation_0, int dilation_1,
                            int dilation_2, int output_padding_0, int output_padding_1, int output_padding_2,
                            int groups, const mlx_stream s);
}
