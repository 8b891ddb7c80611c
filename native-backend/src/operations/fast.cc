#include "operations/bind.h"
#include "workarounds/clamped_indices.h"

MLX_CLAMPED(fast_cross_entropy, kNone);
MLX_OP(fast_layer_norm);
MLX_OP(fast_rms_norm);
MLX_OP(fast_rope);
MLX_OP(fast_rope_dynamic);
MLX_OP(fast_scaled_dot_product_attention);
