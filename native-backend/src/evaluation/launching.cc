#include "evaluation/launching.h"

#include <atomic>

#include "mlx/backend/gpu/device_info.h"

namespace mlx_router {
namespace {

// Never destroyed: threads may still launch kernels while the process exits.
std::mutex& launches() {
  static auto* const mutex = new std::mutex();
  return *mutex;
}

std::atomic<int> threads{0};

void count_this_thread() {
  thread_local const int number = ++threads;
  static_cast<void>(number);
}

}  // namespace

Launching::Launching() {
  static const bool has_gpu = mlx::core::gpu::is_available();
  if (!has_gpu) return;
  count_this_thread();
  lock_ = std::unique_lock(launches());
}

bool shares_gpu() { return threads.load(std::memory_order_relaxed) > 1; }

}  // namespace mlx_router
