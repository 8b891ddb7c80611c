#include "workarounds/cuda_exit.h"

// Says whether this is glibc.
#include <cstdlib>

#ifdef __GLIBC__

#include <unistd.h>

#include <atomic>
#include <exception>
#include <mutex>

namespace mlx_router {
namespace {

constexpr int kRunning = -1;
std::atomic<int> exit_status{kRunning};
std::terminate_handler before = nullptr;

[[noreturn]] void on_terminate() {
  const int status = exit_status.load();
  if (status != kRunning) _exit(status);
  if (before != nullptr) before();
  abort();
}

}  // namespace

void exit_with(int status) { exit_status.store(status & 0xff); }

void exit_before_driver() {
  static std::once_flag once;
  std::call_once(once, [] { before = std::set_terminate(on_terminate); });
  // Handlers run in the reverse order: this one before those of what is there already.
  on_exit([](int status, void*) { exit_with(status); }, nullptr);
}

}  // namespace mlx_router

#else

void mlx_router::exit_before_driver() {}
void mlx_router::exit_with(int) {}

#endif
