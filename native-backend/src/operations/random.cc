#include "operations/bind.h"
#include "workarounds/failed_evaluations.h"

MLX_OP(random_bernoulli);
MLX_OP(random_bits);
MLX_OP(random_categorical);
MLX_OP(random_categorical_num_samples);
MLX_OP(random_categorical_shape);
MLX_OP(random_gumbel);
MLX_OP(random_key);
MLX_OP(random_laplace);
// Of a decomposition, which fails on MLX's own thread.
MLX_BIND(::mlx_router::MayFail<&mlx_random_multivariate_normal>::call, random_multivariate_normal, kNone);
MLX_OP(random_normal);
MLX_OP(random_normal_broadcast);
MLX_OP(random_permutation);
MLX_OP(random_permutation_arange);
MLX_OP(random_randint);
MLX_OP(random_split);
MLX_OP(random_split_num);
MLX_OP(random_truncated_normal);
MLX_OP(random_uniform);
