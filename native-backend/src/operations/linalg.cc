#include "operations/bind.h"
#include "workarounds/fallible.h"

// Most hold a decomposition, which fails on MLX's own thread.
#define MLX_FALLIBLE(name) MLX_BIND(::mlx_router::Fallible<&mlx_##name>::call, name, kNone)

MLX_FALLIBLE(linalg_cholesky);
MLX_FALLIBLE(linalg_cholesky_inv);
MLX_OP(linalg_cross);
MLX_FALLIBLE(linalg_det);
MLX_FALLIBLE(linalg_eig);
MLX_FALLIBLE(linalg_eigh);
MLX_FALLIBLE(linalg_eigvals);
MLX_FALLIBLE(linalg_eigvalsh);
MLX_FALLIBLE(linalg_inv);
MLX_FALLIBLE(linalg_lu);
MLX_FALLIBLE(linalg_lu_factor);
MLX_FALLIBLE(linalg_norm);
MLX_FALLIBLE(linalg_norm_l2);
MLX_FALLIBLE(linalg_norm_matrix);
MLX_FALLIBLE(linalg_pinv);
MLX_FALLIBLE(linalg_qr);
MLX_FALLIBLE(linalg_slogdet);
MLX_FALLIBLE(linalg_solve);
MLX_FALLIBLE(linalg_solve_triangular);
MLX_FALLIBLE(linalg_svd);
MLX_FALLIBLE(linalg_tri_inv);
