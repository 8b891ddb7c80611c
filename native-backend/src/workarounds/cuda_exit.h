#pragma once

namespace mlx_router {

// MLX destroys what it holds of CUDA in threads of its own, some of them after the driver has shut down, and throws
// there. To be called when CUDA is up: the process then exits with its own status all the same. It does nothing where
// there is no CUDA.
void exit_before_driver();

// The same from now on, with this status: the process ends, and the driver may have come up after that call.
void exit_with(int status);

}  // namespace mlx_router
