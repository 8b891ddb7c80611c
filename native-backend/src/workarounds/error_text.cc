#include "workarounds/error_text.h"

#include <utility>

#include "mlx/c/error.h"

namespace {
thread_local std::string last_error;
}

extern "C" void mlx_set_error_handler(mlx_error_handler_func, void*, void (*)(void*)) {}

extern "C" void _mlx_error(const char*, const int, const char* text, ...) {
  try {
    last_error = text;
  } catch (...) {
    last_error.clear();
  }
}

namespace mlx_router {

std::string take_mlx_error() {
  if (last_error.empty()) return "MLX failed without a message";
  return std::exchange(last_error, {});
}

}  // namespace mlx_router
