#include "workarounds/bool_xor.h"

int bool_safe_bitwise_xor(mlx_array* res, const mlx_array a, const mlx_array b, const mlx_stream s) {
  const bool bools = mlx_array_dtype(a) == MLX_BOOL && mlx_array_dtype(b) == MLX_BOOL;
  return bools ? mlx_not_equal(res, a, b, s) : mlx_bitwise_xor(res, a, b, s);
}
