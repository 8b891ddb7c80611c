#include "errors.h"

#include <utility>

#include "mlx/c/error.h"

namespace {
thread_local std::string last_error;
}

// mlx-c passes error text as a printf format, so a file name with %n in it ends the process.
// These two stand before libmlxc.a at link time and treat the text as plain text.
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

napi_value throw_mlx(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, "ERR_MLX_OPERATION", take_mlx_error().c_str());
  return nullptr;
}

napi_value throw_argument(napi_env env, const std::string& message) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, "ERR_MLX_ARGUMENT", message.c_str());
  return nullptr;
}

napi_value throw_disposed(napi_env env) {
  napi_throw_error(env, "ERR_MLX_DISPOSED", "the array was disposed");
  return nullptr;
}

napi_value throw_file(napi_env env, const std::string& message) {
  napi_throw_error(env, "ERR_MLX_FILE", message.c_str());
  return nullptr;
}

}  // namespace mlx_router
