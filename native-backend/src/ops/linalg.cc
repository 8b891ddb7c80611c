#include "../bind.h"

MLX_OP(linalg_cholesky);
MLX_OP(linalg_cholesky_inv);
MLX_OP(linalg_cross);
MLX_OP(linalg_det);
MLX_OP(linalg_eig);
MLX_OP(linalg_eigh);
MLX_OP(linalg_eigvals);
MLX_OP(linalg_eigvalsh);
MLX_OP(linalg_inv);
MLX_OP(linalg_lu);
MLX_OP(linalg_lu_factor);
MLX_OP(linalg_norm);
MLX_OP(linalg_norm_l2);
MLX_OP(linalg_norm_matrix);
MLX_OP(linalg_pinv);
MLX_OP(linalg_qr);
MLX_OP(linalg_slogdet);
MLX_OP(linalg_solve);
MLX_OP(linalg_solve_triangular);
MLX_OP(linalg_svd);
MLX_OP(linalg_tri_inv);
