#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace mlx_router {

// What another thread will have found, or why it has not. To wait for a std::future for some time needs a newer
// libstdc++ than the oldest system has on which the built addon is to run.
template <class Value>
class Outcome {
 public:
  void set(Value value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    changed_.notify_all();
  }

  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
    changed_.notify_all();
  }

  // Whether it is there, after so long a time at the latest.
  template <class Duration>
  bool wait_for(Duration time) {
    std::unique_lock lock(mutex_);
    const auto until = std::chrono::system_clock::now() + time;
    return changed_.wait_until(lock, until, [this] { return value_.has_value() || failure_ != nullptr; });
  }

  // Once it is there.
  Value get() {
    const std::lock_guard lock(mutex_);
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    return *value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Value> value_;
  std::exception_ptr failure_;
};

}  // namespace mlx_router
