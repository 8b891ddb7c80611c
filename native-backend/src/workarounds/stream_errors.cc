#include "workarounds/stream_errors.h"

namespace mlx_router {

void StreamErrors::enter() {
  const std::lock_guard<std::mutex> lock(mutex_);
  inside_++;
}

void StreamErrors::leave() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (--inside_ == 0) changed_.notify_all();
}

StreamErrors& stream_errors() {
  static StreamErrors errors;
  return errors;
}

}  // namespace mlx_router
