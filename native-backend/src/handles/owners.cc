#include <memory>
#include <span>
#include <utility>

#include "napi/arguments.h"
#include "napi/exports.h"
#include "napi/lists.h"

namespace mlx_router {
namespace {

struct OwnedBlock {
  Environment* environment;
  Block* block;
};

// Runs inside the collection, without waiting for a turn of the event loop: it may not touch JavaScript.
void finalize_block(node_api_basic_env, void* data, void*) {
  const std::unique_ptr<OwnedBlock> owned(static_cast<OwnedBlock*>(data));
  owned->environment->slots.end_block(owned->block);
  owned->environment->release();
}

// owner(block): the object whose collection frees the block's slots. Ask once for each block.
napi_value owner(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int32_t index;
  Block* block = read_int32(env, received.values[0], &index) ? received.environment->slots.block(index) : nullptr;
  if (block == nullptr || block->owned) return throw_argument(env, "expected a block without an owner");
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object));
  auto owned = std::make_unique<OwnedBlock>(received.environment, block);
  // Half the price of `napi_wrap`, which also writes to the object.
  NAPI_TRY(env, napi_add_finalizer(env, object, owned.get(), finalize_block, nullptr, nullptr));
  owned.release();
  block->owned = true;
  received.environment->retain();
  if (received.environment->slots.collection_due()) received.environment->collect_young();
  return object;
}

// setCollector(function): what to call to collect the young generation.
napi_value set_collector(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  NAPI_TRY(env, received.environment->set_collector(received.values[0]));
  return nullptr;
}

struct Sentinel {
  Environment* environment;
  int32_t number;
};

void finalize_sentinel(node_api_basic_env, void* data, void*) {
  const std::unique_ptr<Sentinel> sentinel(static_cast<Sentinel*>(data));
  sentinel->environment->collected.push_back(sentinel->number);
  sentinel->environment->release();
}

// sentinel(number): an object whose collection drainSentinels reports, in the same turn.
napi_value create_sentinel(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  auto sentinel = std::make_unique<Sentinel>(received.environment, 0);
  if (!read_int32(env, received.values[0], &sentinel->number)) return throw_argument(env, "expected a number");
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object));
  NAPI_TRY(env, napi_wrap(env, object, sentinel.get(), finalize_sentinel, nullptr, nullptr));
  sentinel.release();
  received.environment->retain();
  return object;
}

napi_value drain_sentinels(napi_env env, napi_callback_info info) {
  const Received<0> received(env, info);
  return list_of_integers(env, std::exchange(received.environment->collected, {}));
}

napi_value free_slot(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int32_t slot;
  if (read_int32(env, received.values[0], &slot)) received.environment->slots.free(slot);
  return nullptr;
}

napi_value is_alive(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int32_t slot;
  const bool alive = read_int32(env, received.values[0], &slot) && received.environment->slots.get(slot).ctx != nullptr;
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, alive, &result));
  return result;
}

napi_value begin_scope(napi_env env, napi_callback_info info) {
  Received<0>(env, info).environment->slots.begin_scope();
  return nullptr;
}

// endScope(keep): frees all made since beginScope but these slots.
napi_value end_scope(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  IntegersArgument<int> keep;
  if (!keep.read(call, received.values[0])) return nullptr;
  if (!received.environment->slots.end_scope(keep.items)) return throw_argument(env, "no scope is open");
  return nullptr;
}

// noteExit(status): the process ends.
napi_value note_exit(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  IntegerArgument<int> status;
  if (status.read(call, received.values[0])) received.environment->note_exit(status.number);
  return nullptr;
}

// [live tensors, bytes that they hold or retain, bytes that were reported to V8]
napi_value usage(napi_env env, napi_callback_info info) {
  const Received<0> received(env, info);
  napi_value live, bytes, reported;
  NAPI_TRY(env, napi_create_double(env, static_cast<double>(received.environment->slots.live()), &live));
  NAPI_TRY(env, napi_create_double(env, static_cast<double>(received.environment->slots.external_bytes()), &bytes));
  NAPI_TRY(env, napi_create_double(env, static_cast<double>(received.environment->slots.reported_bytes()), &reported));
  return list_of(env, {live, bytes, reported});
}

}  // namespace

napi_status export_owners(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"owner", owner},
                        {"noteExit", note_exit},
                        {"setCollector", set_collector},
                        {"sentinel", create_sentinel},
                        {"drainSentinels", drain_sentinels},
                        {"free", free_slot},
                        {"isAlive", is_alive},
                        {"beginScope", begin_scope},
                        {"endScope", end_scope},
                        {"usage", usage}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
