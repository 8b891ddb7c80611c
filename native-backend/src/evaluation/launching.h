#pragma once

#include <mutex>

namespace mlx_router {

// While one exists, no other thread of this process has kernels launched on a GPU. MLX marks the kernel of a new module
// as ready before it knows the size of its blocks, by which a second thread would then divide: it reads zero.
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cuda/jit_module.cpp
class Launching {
 public:
  Launching();

 private:
  std::unique_lock<std::mutex> lock_;
};

// Whether other threads have launched kernels too: then this one had better wait outside of its `Launching`.
bool shares_gpu();

}  // namespace mlx_router
