// Design B (integer handles freed from JavaScript) and C by field: the same integer, freed by a finalizer on the
// tensor.
#include "context.h"

static int32_t store(Context* context, mlx_array array) {
  adopt(context, array);
  if (context->free_integers.empty()) {
    context->integers.push_back(array);
    return static_cast<int32_t>(context->integers.size() - 1);
  }
  uint32_t id = context->free_integers.back();
  context->free_integers.pop_back();
  context->integers[id] = array;
  return static_cast<int32_t>(id);
}

static void drop(Context* context, uint32_t id) {
  mlx_array array = context->integers[id];
  context->integers[id] = mlx_array{};
  release(context, array);
  context->free_integers.push_back(id);
}

static napi_value integer_ones(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  int32_t id = store(context, ones(context, integer(env, values[0])));
  context->fold(env);
  return number(env, id);
}

static napi_value integer_add(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  mlx_array a = context->integers[integer(env, values[0])];
  mlx_array b = context->integers[integer(env, values[1])];
  int32_t id = store(context, add(context, a, b));
  context->fold(env);
  return number(env, id);
}

static napi_value integer_eval(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  mlx_array_eval(context->integers[integer(env, values[0])]);
  return nullptr;
}

static napi_value integer_free(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  drop(context, integer(env, values[0]));
  return nullptr;
}

static napi_value integer_free_many(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  void* ids;
  napi_get_typedarray_info(env, values[0], nullptr, nullptr, &ids, nullptr, nullptr);
  int32_t count = integer(env, values[1]);
  for (int32_t i = 0; i < count; i++) drop(context, static_cast<int32_t*>(ids)[i]);
  return nullptr;
}

static void finalize(node_api_basic_env, void* data, void* hint) {
  drop(context_of(hint), static_cast<uint32_t>(reinterpret_cast<uintptr_t>(data)));
}

static void attach(napi_env env, Context* context, napi_value target, int32_t id) {
  napi_add_finalizer(env, target, reinterpret_cast<void*>(static_cast<uintptr_t>(id)), finalize, context, nullptr);
}

static napi_value field_ones(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  int32_t id = store(context, ones(context, integer(env, values[1])));
  attach(env, context, values[0], id);
  context->fold(env);
  return number(env, id);
}

static napi_value field_add(napi_env env, napi_callback_info info) {
  napi_value values[3];
  Context* context = arguments(env, info, values);
  mlx_array a = context->integers[integer(env, values[1])];
  mlx_array b = context->integers[integer(env, values[2])];
  int32_t id = store(context, add(context, a, b));
  attach(env, context, values[0], id);
  context->fold(env);
  return number(env, id);
}

void define_integers(napi_env env, napi_value exports, Context* context) {
  define(env, exports, context, "integerOnes", integer_ones);
  define(env, exports, context, "integerAdd", integer_add);
  define(env, exports, context, "integerEval", integer_eval);
  define(env, exports, context, "integerFree", integer_free);
  define(env, exports, context, "integerFreeMany", integer_free_many);
  define(env, exports, context, "fieldOnes", field_ones);
  define(env, exports, context, "fieldAdd", field_add);
}
