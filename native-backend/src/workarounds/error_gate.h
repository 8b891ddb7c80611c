#pragma once

#include <condition_variable>
#include <mutex>

// MLX's functions that clear its cache wait for the streams of all threads, and take the errors that they find there.
// So they run while nothing is computed that may fail on a stream: its own thread would hold it for computed.
namespace mlx_router {

class ErrorGate {
 public:
  // Around an evaluation that may fail on a stream. Each may be called on another thread.
  void enter();
  void leave();

  // Runs the function while there is no such evaluation. Those of this thread have been settled before.
  template <class Run>
  auto alone(Run run) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return inside_ == 0; });
    return run();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
};

// That of the process.
ErrorGate& error_gate();

}  // namespace mlx_router
