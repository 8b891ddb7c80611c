#pragma once

namespace mlx_router {

/** Lets the threads of `kernels/parallel.h` compute the parts of OpenBLAS's routines, in place of its own. */
void share_blas_threads();

}  // namespace mlx_router
