#pragma once

namespace mlx_router {

// MLX destroys what it holds of CUDA in threads of its own, some of them after the driver has shut down, and throws
// there. To be called when CUDA is up, once or more: from then on the process exits with its own status all the same.
// It does nothing where there is no CUDA.
void exit_before_driver();

}  // namespace mlx_router
