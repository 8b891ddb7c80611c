#include "workarounds/error_gate.h"

namespace mlx_router {

void ErrorGate::enter() {
  const std::lock_guard<std::mutex> lock(mutex_);
  inside_++;
}

void ErrorGate::leave() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (--inside_ == 0) changed_.notify_all();
}

ErrorGate& error_gate() {
  static ErrorGate gate;
  return gate;
}

}  // namespace mlx_router
