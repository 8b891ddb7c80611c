#pragma once

#include "mlx/c/mlx.h"

// In the place of mlx-c's: on a CPU a primitive of our own computes them where one can (primitives/).
extern "C" {

int whole_fast_rms_norm(mlx_array* res, const mlx_array x, const mlx_array weight, float eps, const mlx_stream s);
int whole_fast_layer_norm(mlx_array* res, const mlx_array x, const mlx_array weight, const mlx_array bias, float eps,
                          const mlx_stream s);
int whole_fast_rope(mlx_array* res, const mlx_array x, int dims, bool traditional, mlx_optional_float base, float scale,
                    int offset, const mlx_array freqs, const mlx_stream s);
int whole_fast_rope_dynamic(mlx_array* res, const mlx_array x, int dims, bool traditional, mlx_optional_float base,
                            float scale, const mlx_array offset, const mlx_array freqs, const mlx_stream s);
}
