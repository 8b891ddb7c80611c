#include "operations/bind.h"
#include "workarounds/bool_xor.h"

MLX_OP(add);
MLX_OP(allclose);
MLX_OP(arctan2);
MLX_OP(array_equal);
MLX_OP(bitwise_and);
MLX_OP(bitwise_or);
MLX_BIND(bool_safe_bitwise_xor, bitwise_xor, kNone);
MLX_OP(clip);
MLX_OP(divide);
MLX_OP(divmod);
MLX_OP(equal);
MLX_OP(floor_divide);
MLX_OP(greater);
MLX_OP(greater_equal);
MLX_OP(isclose);
MLX_OP(left_shift);
MLX_OP(less);
MLX_OP(less_equal);
MLX_OP(logaddexp);
MLX_OP(logical_and);
MLX_OP(logical_or);
MLX_OP(logical_xor);
MLX_OP(maximum);
MLX_OP(minimum);
MLX_OP(multiply);
MLX_OP(not_equal);
MLX_OP(power);
MLX_OP(remainder);
MLX_OP(right_shift);
MLX_OP(subtract);
MLX_OP(where);
