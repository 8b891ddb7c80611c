#include "operations/bind.h"
#include "operations/whole.h"
#include "workarounds/clamped_indices.h"

MLX_CLAMPED(fast_cross_entropy, kNone);
MLX_BIND(whole_fast_layer_norm, fast_layer_norm, kNone);
MLX_BIND(whole_fast_rms_norm, fast_rms_norm, kNone);
MLX_BIND(whole_fast_rope, fast_rope, kNone);
MLX_BIND(whole_fast_rope_dynamic, fast_rope_dynamic, kNone);
MLX_OP(fast_scaled_dot_product_attention);
