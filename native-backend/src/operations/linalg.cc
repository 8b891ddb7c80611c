#include "operations/bind.h"
#include "workarounds/failed_evaluations.h"

// Most hold a decomposition, which fails on MLX's own thread.
#define MLX_MAY_FAIL(name) MLX_BIND(::mlx_router::MayFail<&mlx_##name>::call, name, kNone)

MLX_MAY_FAIL(linalg_cholesky);
MLX_MAY_FAIL(linalg_cholesky_inv);
MLX_OP(linalg_cross);
MLX_MAY_FAIL(linalg_det);
MLX_MAY_FAIL(linalg_eig);
MLX_MAY_FAIL(linalg_eigh);
MLX_MAY_FAIL(linalg_eigvals);
MLX_MAY_FAIL(linalg_eigvalsh);
MLX_MAY_FAIL(linalg_inv);
MLX_MAY_FAIL(linalg_lu);
MLX_MAY_FAIL(linalg_lu_factor);
MLX_MAY_FAIL(linalg_norm);
MLX_MAY_FAIL(linalg_norm_l2);
MLX_MAY_FAIL(linalg_norm_matrix);
MLX_MAY_FAIL(linalg_pinv);
MLX_MAY_FAIL(linalg_qr);
MLX_MAY_FAIL(linalg_slogdet);
MLX_MAY_FAIL(linalg_solve);
MLX_MAY_FAIL(linalg_solve_triangular);
MLX_MAY_FAIL(linalg_svd);
MLX_MAY_FAIL(linalg_tri_inv);
