#pragma once

#include <node_api.h>

#include <string>

namespace mlx_router {

// Each makes the call under way end with an error of that code, and returns nullptr for `return throw_…(…)`.
// TypeScript throws it: an exception thrown through Node-API stays pending while Node allocates for it, and a finalizer
// that runs in a collection then takes it for its own, which ends the process.
napi_value throw_mlx(napi_env env);
napi_value throw_argument(napi_env env, const std::string& message);
napi_value throw_disposed(napi_env env);
napi_value throw_file(napi_env env, const std::string& message);
// `code` is a string literal.
napi_value throw_code(napi_env env, const char* code, const std::string& message);

// What a function of the addon gives JavaScript: the result, or in its place { code, message } of the error that was
// made, or { thrown } of what a JavaScript function threw. `kept`: what one threw inside a transform, or nullptr.
napi_value end_call(napi_env env, napi_value kept, napi_value result);

}  // namespace mlx_router

// Leaves the function when a Node-API call failed.
#define NAPI_TRY(env, call)                                                            \
  do {                                                                                 \
    if ((call) != napi_ok) return ::mlx_router::throw_argument(env, "failed: " #call); \
  } while (0)

// Leaves the function with MLX's own error.
#define MLX_TRY(env, call)                                \
  do {                                                    \
    if ((call) != 0) return ::mlx_router::throw_mlx(env); \
  } while (0)
