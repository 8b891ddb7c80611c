// What every design shares: one context per JavaScript environment (main thread or worker), byte accounting, arguments.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <vector>

#include "mlx/c/mlx.h"

struct Block {
  static constexpr uint32_t kSlots = 64;
  static constexpr int64_t kRecycledBytes = 64 << 10;
  mlx_array slots[kSlots] = {};
  int64_t bytes = 0;
  bool stale = false;  // collected, but its arrays are still in it, to be overwritten
};

struct Context {
  mlx_stream stream{};
  int64_t live = 0;           // arrays owned by handles of this environment
  int64_t pending_bytes = 0;  // change that V8 has not been told yet
  int64_t batch_bytes = 1 << 20;
  int64_t large_bytes = 16 << 10;
  bool accounting = true;
  bool wrap_owner = false;
  bool recycle = false;
  int64_t fresh_bytes = 0;  // bytes of results since the last collection that JavaScript asked for
  int64_t collect_bytes = 16 << 20;
  int32_t* due = nullptr;  // JavaScript's flag: set when a collection is worth its price

  std::vector<mlx_array> integers;  // designs B and C by field
  std::vector<uint32_t> free_integers;
  mlx_array spare{};           // the next result's home; what it still holds dies when the result is assigned
  std::vector<Block*> blocks;  // designs D and E
  std::vector<uint32_t> free_blocks;
  std::vector<mlx_array> large;
  std::vector<uint32_t> free_large;
  uint32_t current_block = 0;
  uint32_t used = Block::kSlots;

  // Called only where a collection is harmless: a rise can make V8 collect, and so run finalizers, inside the call.
  void fold(napi_env env) {
    if (pending_bytes < batch_bytes && pending_bytes > -batch_bytes) return;
    int64_t total;
    napi_adjust_external_memory(env, pending_bytes, &total);
    pending_bytes = 0;
  }
};

inline Context* context_of(void* data) { return static_cast<Context*>(data); }

inline void release(Context* context, mlx_array array) {
  if (!array.ctx) return;
  if (context->accounting) context->pending_bytes -= static_cast<int64_t>(mlx_array_nbytes(array));
  mlx_array_free(array);
  context->live--;
}

inline void adopt(Context* context, mlx_array array) {
  context->live++;
  if (context->accounting) context->pending_bytes += static_cast<int64_t>(mlx_array_nbytes(array));
}

template <size_t N>
Context* arguments(napi_env env, napi_callback_info info, napi_value (&values)[N]) {
  size_t count = N;
  void* data;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  return context_of(data);
}

inline int32_t integer(napi_env env, napi_value value) {
  int32_t result = 0;
  napi_get_value_int32(env, value, &result);
  return result;
}

inline napi_value number(napi_env env, int32_t value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

inline mlx_array ones(Context* context, int size) {
  mlx_array result = mlx_array_new();
  mlx_ones(&result, &size, 1, MLX_FLOAT32, context->stream);
  mlx_array_eval(result);
  return result;
}

inline mlx_array add(Context* context, mlx_array a, mlx_array b) {
  mlx_array result{};
  mlx_add(&result, a, b, context->stream);
  return result;
}

using Method = napi_value (*)(napi_env, napi_callback_info);
void define(napi_env env, napi_value exports, Context* context, const char* name, Method method);

void define_wrapped(napi_env env, napi_value exports, Context* context);
void define_integers(napi_env env, napi_value exports, Context* context);
void define_owners(napi_env env, napi_value exports, Context* context);
void define_recorded(napi_env env, napi_value exports, Context* context);
