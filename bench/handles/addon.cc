// The addon of the handle benchmark: the same mlx_add behind every design. Built twice, with and without
// NAPI_EXPERIMENTAL: the first runs finalizers inside the collection, the second from the event loop.
#include <atomic>

#include "context.h"

void define(napi_env env, napi_value exports, Context* context, const char* name, Method method) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, method, context, &function);
  napi_set_named_property(env, exports, name, function);
}

static napi_value configure(napi_env env, napi_callback_info info) {
  napi_value values[7];
  Context* context = arguments(env, info, values);
  napi_get_value_int64(env, values[0], &context->large_bytes);
  napi_get_value_int64(env, values[1], &context->batch_bytes);
  napi_get_value_bool(env, values[2], &context->accounting);
  napi_get_value_bool(env, values[3], &context->wrap_owner);
  napi_get_value_bool(env, values[4], &context->recycle);
  napi_get_value_int64(env, values[6], &context->collect_bytes);
  void* due;
  napi_get_typedarray_info(env, values[5], nullptr, nullptr, &due, nullptr, nullptr);
  context->due = static_cast<int32_t*>(due);
  return nullptr;
}

static napi_value live(napi_env env, napi_callback_info info) {
  napi_value values[1];
  return number(env, static_cast<int32_t>(arguments(env, info, values)->live));
}

// The floor: chains of 1000 additions and an eval without JavaScript, every handle freed as soon as it is used.
static napi_value floor_chain(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  int32_t chains = integer(env, values[0]);
  mlx_array a = ones(context, 4);
  for (int32_t i = 0; i < chains; i++) {
    mlx_array x = add(context, a, a);
    for (int32_t j = 1; j < 1000; j++) {
      mlx_array next = add(context, x, a);
      mlx_array_free(x);
      x = next;
    }
    mlx_array_eval(x);
    mlx_array_free(x);
  }
  mlx_array_free(a);
  return nullptr;
}

static std::atomic<int64_t> live_elsewhere{0};  // arrays that ended environments left behind: a leak if not 0

static napi_value leaked(napi_env env, napi_callback_info) {
  return number(env, static_cast<int32_t>(live_elsewhere.load()));
}

NAPI_MODULE_INIT() {
  auto* context = new Context;
  context->stream = mlx_default_cpu_stream_new();
  // Node runs the remaining finalizers of an ending environment before instance data goes, so the context outlives
  // them.
  napi_set_instance_data(
      env, context,
      [](napi_env, void* data, void*) {
        Context* ended = context_of(data);
        live_elsewhere += ended->live;
        mlx_array_free(ended->spare);
        for (Block* block : ended->blocks) {
          if (block->stale) {
            for (mlx_array array : block->slots) mlx_array_free(array);
          }
          delete block;
        }
        mlx_stream_free(ended->stream);
        delete ended;
      },
      nullptr);
  define(env, exports, context, "configure", configure);
  define(env, exports, context, "live", live);
  define(env, exports, context, "leaked", leaked);
  define(env, exports, context, "floorChain", floor_chain);
  define_wrapped(env, exports, context);
  define_integers(env, exports, context);
  define_owners(env, exports, context);
  define_recorded(env, exports, context);
  return exports;
}
