#include "operations/bind.h"

MLX_OP(arange);
MLX_OP(bartlett);
MLX_OP(blackman);
MLX_OP(eye);
MLX_OP(full);
MLX_OP(full_like);
MLX_OP(hamming);
MLX_OP(hanning);
MLX_OP(identity);
MLX_OP(linspace);
MLX_OP(linspace_endpoint);
MLX_OP(ones);
MLX_OP(ones_like);
MLX_OP(ones_like_dtype);
MLX_OP(tri);
MLX_OP(tril);
MLX_OP(triu);
MLX_OP(zeros);
MLX_OP(zeros_like);
MLX_OP(zeros_like_dtype);
