#include "napi/errors.h"

#include <utility>

#include "workarounds/error_text.h"

namespace mlx_router {

// The first failure of the call under way; the call's end makes a JavaScript value of it.
struct Failure {
  const char* code = nullptr;
  std::string message;
};
thread_local Failure failure;

namespace {

void record(const char* code, std::string message) {
  if (failure.code == nullptr) failure = {code, std::move(message)};
}

bool set_text(napi_env env, napi_value object, const char* name, const std::string& text) {
  napi_value value;
  return napi_create_string_utf8(env, text.data(), text.size(), &value) == napi_ok &&
         napi_set_named_property(env, object, name, value) == napi_ok;
}

}  // namespace

napi_value throw_mlx(napi_env) {
  record("ERR_MLX_OPERATION", take_mlx_error());
  return nullptr;
}

napi_value throw_argument(napi_env, const std::string& message) {
  record("ERR_MLX_ARGUMENT", message);
  return nullptr;
}

napi_value throw_disposed(napi_env) {
  record("ERR_MLX_DISPOSED", "the array was disposed");
  return nullptr;
}

napi_value throw_file(napi_env, const std::string& message) {
  record("ERR_MLX_FILE", message);
  return nullptr;
}

napi_value throw_code(napi_env, const char* code, const std::string& message) {
  record(code, message);
  return nullptr;
}

napi_value end_call(napi_env env, napi_value kept, napi_value result) {
  if (result != nullptr && failure.code == nullptr && kept == nullptr) return result;
  napi_value thrown = kept;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) {
    napi_value exception;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok && thrown == nullptr) thrown = exception;
  }
  const Failure failed = std::exchange(failure, {});
  if (thrown == nullptr && failed.code == nullptr) return result;
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return nullptr;
  if (thrown != nullptr) {
    napi_set_named_property(env, object, "thrown", thrown);
  } else {
    set_text(env, object, "code", failed.code);
    set_text(env, object, "message", failed.message);
  }
  return object;
}

}  // namespace mlx_router
