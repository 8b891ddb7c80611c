// Design D: see owners.h.
#include "owners.h"

uint32_t take_block(Context* context) {
  if (context->free_blocks.empty()) {
    context->blocks.push_back(new Block);
    return static_cast<uint32_t>(context->blocks.size() - 1);
  }
  uint32_t index = context->free_blocks.back();
  context->free_blocks.pop_back();
  return index;
}

mlx_array& slot_of(Context* context, int32_t id) {
  if (id >= kLarge) return context->large[id - kLarge];
  return context->blocks[id / Block::kSlots]->slots[id % Block::kSlots];
}

static void free_slot(Context* context, int32_t id) {
  mlx_array& slot = slot_of(context, id);
  // A block stays below the reporting threshold, so only large results are reported to V8.
  if (id >= kLarge) {
    release(context, slot);
  } else if (slot.ctx) {
    mlx_array_free(slot);
    context->live--;
  }
  slot = mlx_array{};
}

static void finalize_large(node_api_basic_env, void* data, void* hint) {
  Context* context = context_of(hint);
  auto index = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(data));
  free_slot(context, static_cast<int32_t>(kLarge + index));
  context->free_large.push_back(index);
}

// Freeing 64 arrays at once overflows malloc's per-thread cache; overwriting them one by one as the block is used again
// keeps frees and allocations in step. Blocks that hold many bytes are emptied at once.
static void finalize_block(node_api_basic_env, void* data, void* hint) {
  Context* context = context_of(hint);
  auto index = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(data));
  Block* block = context->blocks[index];
  block->stale = context->recycle && block->bytes <= Block::kRecycledBytes;
  for (mlx_array& slot : block->slots) {
    if (!slot.ctx) continue;
    context->live--;
    if (block->stale) continue;
    mlx_array_free(slot);
    slot = mlx_array{};
  }
  context->free_blocks.push_back(index);
}

static void empty(mlx_array& slot) {
  mlx_array_free(slot);
  slot = mlx_array{};
}

// Before an eval: a stale intermediate would keep its buffer from being reused by the next operation.
static void empty_stale(Context* context) {
  for (auto index = context->free_blocks.rbegin(); index != context->free_blocks.rend(); ++index) {
    Block* block = context->blocks[*index];
    if (!block->stale) break;
    for (mlx_array& slot : block->slots) empty(slot);
    block->stale = false;
  }
  if (!context->blocks.empty()) {
    Block* block = context->blocks[context->current_block];
    for (uint32_t i = context->used; i < Block::kSlots; i++) empty(block->slots[i]);
  }
  empty(context->spare);
}

napi_value owner_of(napi_env env, Context* context, int32_t id) {
  bool is_large = id >= kLarge;
  auto index = static_cast<uintptr_t>(is_large ? id - kLarge : id / static_cast<int32_t>(Block::kSlots));
  auto finalize = is_large ? finalize_large : finalize_block;
  napi_value owner;
  napi_create_object(env, &owner);
  if (context->wrap_owner) {
    napi_wrap(env, owner, reinterpret_cast<void*>(index), finalize, context, nullptr);
  } else {
    // A finalizer without a wrap leaves the object unmodified, so that a scavenge can collect it too.
    napi_add_finalizer(env, owner, reinterpret_cast<void*>(index), finalize, context, nullptr);
  }
  return owner;
}

// The id of the result; complemented when the caller has to fetch a new owner for it.
static int32_t place(Context* context, mlx_array array) {
  auto bytes = static_cast<int64_t>(mlx_array_nbytes(array));
  context->fresh_bytes += bytes;
  if (bytes > context->large_bytes) {
    adopt(context, array);
    uint32_t index;
    if (context->free_large.empty()) {
      index = static_cast<uint32_t>(context->large.size());
      context->large.push_back(array);
    } else {
      index = context->free_large.back();
      context->free_large.pop_back();
      context->large[index] = array;
    }
    return ~static_cast<int32_t>(kLarge + index);
  }
  context->live++;
  bool fresh = context->used == Block::kSlots;
  if (fresh) {
    context->current_block = take_block(context);
    context->used = 0;
    context->blocks[context->current_block]->bytes = 0;
  }
  auto id = static_cast<int32_t>(context->current_block * Block::kSlots + context->used++);
  Block* block = context->blocks[context->current_block];
  mlx_array& slot = block->slots[id % Block::kSlots];
  context->spare = slot;
  slot = array;
  block->bytes += bytes;
  return fresh ? ~id : id;
}

static napi_value owned_ones(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  empty(context->spare);
  return number(env, place(context, ones(context, integer(env, values[0]))));
}

static napi_value owned_add(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  mlx_array a = slot_of(context, integer(env, values[0]));
  mlx_array b = slot_of(context, integer(env, values[1]));
  mlx_array result = context->spare;
  context->spare = mlx_array{};
  mlx_add(&result, a, b, context->stream);
  return number(env, place(context, result));
}

// Accounting happens here and not in the operation: fetching an owner is the rare call, and its arguments are ids only.
static napi_value owned_owner(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  napi_value owner = owner_of(env, context, integer(env, values[0]));
  context->fold(env);
  if (context->fresh_bytes >= context->collect_bytes) {
    context->fresh_bytes = 0;
    *context->due = 1;
  }
  return owner;
}

static napi_value owned_eval(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Context* context = arguments(env, info, values);
  if (context->recycle) empty_stale(context);
  mlx_array_eval(slot_of(context, integer(env, values[0])));
  return nullptr;
}

static napi_value owned_free_many(napi_env env, napi_callback_info info) {
  napi_value values[2];
  Context* context = arguments(env, info, values);
  void* ids;
  napi_get_typedarray_info(env, values[0], nullptr, nullptr, &ids, nullptr, nullptr);
  int32_t count = integer(env, values[1]);
  for (int32_t i = 0; i < count; i++) free_slot(context, static_cast<int32_t*>(ids)[i]);
  return nullptr;
}

void define_owners(napi_env env, napi_value exports, Context* context) {
  define(env, exports, context, "ownedOnes", owned_ones);
  define(env, exports, context, "ownedAdd", owned_add);
  define(env, exports, context, "ownedOwner", owned_owner);
  define(env, exports, context, "ownedEval", owned_eval);
  define(env, exports, context, "ownedFreeMany", owned_free_many);
}
