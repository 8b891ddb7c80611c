// Design E: JavaScript writes (result, a, b) triples into a typed array, one call builds them all. Blocks as in design
// D.
#include "owners.h"

// Takes a block and returns its owner; the block's index goes to state[0].
static napi_value recorded_block(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  void* state;
  napi_get_typedarray_info(env, values[0], nullptr, nullptr, &state, nullptr, nullptr);
  uint32_t index = take_block(context);
  static_cast<int32_t*>(state)[0] = static_cast<int32_t>(index);
  return owner_of(env, context, static_cast<int32_t>(index * Block::kSlots));
}

static napi_value recorded_ones(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  slot_of(context, integer(env, values[0])) = ones(context, integer(env, values[1]));
  context->live++;
  return nullptr;
}

static napi_value recorded_flush(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  void* data;
  napi_get_typedarray_info(env, values[0], nullptr, nullptr, &data, nullptr, nullptr);
  auto* command = static_cast<const int32_t*>(data);
  int32_t count = integer(env, values[1]);
  for (int32_t i = 0; i < count; i++, command += 3) {
    slot_of(context, command[0]) = add(context, slot_of(context, command[1]), slot_of(context, command[2]));
    context->live++;
  }
  return nullptr;
}

void define_recorded(napi_env env, napi_value exports, Context* context) {
  define(env, exports, context, "recordedBlock", recorded_block);
  define(env, exports, context, "recordedOnes", recorded_ones);
  define(env, exports, context, "recordedFlush", recorded_flush);
}
