// Designs A and C: one Node-API object per tensor, as an external or wrapped onto the tensor itself.
#include "context.h"

static void finalize(node_api_basic_env, void* data, void* hint) { release(context_of(hint), mlx_array{data}); }

static mlx_array external_of(napi_env env, napi_value value) {
  mlx_array array{};
  napi_get_value_external(env, value, &array.ctx);
  return array;
}

static napi_value as_external(napi_env env, Context* context, mlx_array array) {
  napi_value result;
  napi_create_external(env, array.ctx, finalize, context, &result);
  adopt(context, array);
  context->fold(env);
  return result;
}

static napi_value external_ones(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  return as_external(env, context, ones(context, integer(env, values[0])));
}

static napi_value external_add(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  return as_external(env, context, add(context, external_of(env, values[0]), external_of(env, values[1])));
}

static napi_value external_eval(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, values);
  mlx_array_eval(external_of(env, values[0]));
  return nullptr;
}

static mlx_array wrapped_of(napi_env env, napi_value value) {
  mlx_array array{};
  napi_unwrap(env, value, &array.ctx);
  return array;
}

static void wrap(napi_env env, Context* context, napi_value target, mlx_array array) {
  napi_wrap(env, target, array.ctx, finalize, context, nullptr);
  adopt(context, array);
  context->fold(env);
}

static napi_value wrapped_ones(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  wrap(env, context, values[0], ones(context, integer(env, values[1])));
  return nullptr;
}

static napi_value wrapped_add(napi_env env, napi_callback_info info) {
  napi_value values[3];
  Context* context = arguments(env, info, values);
  wrap(env, context, values[0], add(context, wrapped_of(env, values[1]), wrapped_of(env, values[2])));
  return nullptr;
}

static napi_value wrapped_eval(napi_env env, napi_callback_info info) {
  napi_value values[1];
  arguments(env, info, values);
  mlx_array_eval(wrapped_of(env, values[0]));
  return nullptr;
}

static napi_value wrapped_free(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  mlx_array array{};
  napi_remove_wrap(env, values[0], &array.ctx);
  release(context, array);
  return nullptr;
}

void define_wrapped(napi_env env, napi_value exports, Context* context) {
  define(env, exports, context, "externalOnes", external_ones);
  define(env, exports, context, "externalAdd", external_add);
  define(env, exports, context, "externalEval", external_eval);
  define(env, exports, context, "wrappedOnes", wrapped_ones);
  define(env, exports, context, "wrappedAdd", wrapped_add);
  define(env, exports, context, "wrappedEval", wrapped_eval);
  define(env, exports, context, "wrappedFree", wrapped_free);
}
