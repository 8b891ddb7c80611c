#pragma once

#include <node_api.h>

#include <string>

namespace mlx_router {

// The text of the last error that mlx-c reported on this thread, and forgets it.
std::string take_mlx_error();

// Each throws a JavaScript error with that code and returns nullptr, for `return throw_…(…)`.
// The TypeScript face adds the operation's name and turns the code into a class.
napi_value throw_mlx(napi_env env);
napi_value throw_argument(napi_env env, const std::string& message);
napi_value throw_disposed(napi_env env);
napi_value throw_file(napi_env env, const std::string& message);

}  // namespace mlx_router

// Leaves the function when a Node-API call failed; a JavaScript exception is then already pending or is made here.
#define NAPI_TRY(env, call)                                                      \
  do {                                                                           \
    if ((call) != napi_ok) {                                                     \
      bool pending = false;                                                      \
      napi_is_exception_pending(env, &pending);                                  \
      if (!pending) napi_throw_error(env, "ERR_MLX_ARGUMENT", "failed: " #call); \
      return nullptr;                                                            \
    }                                                                            \
  } while (0)

// Leaves the function with MLX's own error.
#define MLX_TRY(env, call)                                \
  do {                                                    \
    if ((call) != 0) return ::mlx_router::throw_mlx(env); \
  } while (0)
