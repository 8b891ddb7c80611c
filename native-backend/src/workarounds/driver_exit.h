#pragma once

namespace mlx_router {

// To be called when CUDA is up, once or more: from then on the process ends with its own status, whatever CUDA's
// driver does first. Does nothing where there is no CUDA.
void outlive_driver();

}  // namespace mlx_router
