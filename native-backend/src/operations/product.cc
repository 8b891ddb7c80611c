#include "operations/bind.h"
#include "workarounds/clamped_indices.h"
#include "workarounds/convolution_padding.h"

MLX_OP(addmm);
MLX_OP(block_masked_mm);
MLX_PADDED(conv1d);
MLX_PADDED(conv2d);
MLX_PADDED(conv3d);
MLX_PADDED(conv_general);
MLX_PADDED(conv_transpose1d);
MLX_PADDED(conv_transpose2d);
MLX_PADDED(conv_transpose3d);
MLX_OP(dequantize);
MLX_OP(einsum);
MLX_OP(from_fp8);
MLX_CLAMPED(gather_mm, kNone);
MLX_CLAMPED(gather_qmm, kNone);
MLX_CLAMPED(gather_qqmm, kNone);
MLX_OP(inner);
MLX_OP(kron);
MLX_OP(matmul);
MLX_OP(outer);
MLX_OP(qqmm);
MLX_OP(quantize);
MLX_OP(quantized_matmul);
MLX_CLAMPED(segmented_mm, kNone);
MLX_OP(tensordot);
MLX_OP(tensordot_axis);
MLX_OP(to_fp8);
