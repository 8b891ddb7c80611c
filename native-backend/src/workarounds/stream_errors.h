#pragma once

#include <condition_variable>
#include <mutex>

// MLX's functions that clear its cache wait for the streams of all threads, and throw the errors that they find there.
// The thread whose evaluation failed then takes its values for computed. So those functions run while no evaluation is
// under way that may fail on a stream.
namespace mlx_router {

class StreamErrors {
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
StreamErrors& stream_errors();

}  // namespace mlx_router
