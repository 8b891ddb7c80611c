#include "../bind.h"

MLX_OP(fast_cross_entropy);
MLX_OP(fast_layer_norm);
MLX_OP(fast_rms_norm);
MLX_OP(fast_rope);
MLX_OP(fast_rope_dynamic);
MLX_OP(fast_scaled_dot_product_attention);
