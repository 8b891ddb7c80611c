#include "../bind.h"

MLX_OP(addmm);
MLX_OP(block_masked_mm);
MLX_OP(conv1d);
MLX_OP(conv2d);
MLX_OP(conv3d);
MLX_OP(conv_general);
MLX_OP(conv_transpose1d);
MLX_OP(conv_transpose2d);
MLX_OP(conv_transpose3d);
MLX_OP(dequantize);
MLX_OP(einsum);
MLX_OP(from_fp8);
MLX_OP(gather_mm);
MLX_OP(gather_qmm);
MLX_OP(gather_qqmm);
MLX_OP(inner);
MLX_OP(matmul);
MLX_OP(outer);
MLX_OP(qqmm);
MLX_OP(quantize);
MLX_OP(quantized_matmul);
MLX_OP(segmented_mm);
MLX_OP(tensordot);
MLX_OP(tensordot_axis);
MLX_OP(to_fp8);
