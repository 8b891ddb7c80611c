#include "mlx/c/distributed.h"

#include <tuple>

#include "groups/joining.h"
#include "mlx/distributed/distributed_impl.h"
#include "napi/exports.h"
#include "napi/lists.h"
#include "operations/bind.h"
#include "operations/c_functions.h"
#include "operations/groups.h"

namespace mlx_router {

template <>
struct One<mlx_distributed_group> {
  using type = GroupArgument;
};

namespace {

namespace distributed = mlx::core::distributed;

// A stream of the device on which the group communicates; `given` where that is one.
// The ring runs on the CPU whatever the default device is, as Python's binding has it.
mlx::core::Stream stream_of(const distributed::Group& used, mlx::core::Stream given) {
  // A group of one computes nothing.
  if (used.size() == 1) return given;
  const mlx::core::Stream own = used.raw_group()->communication_stream();
  return own.device == given.device ? given : own;
}

// The function of mlx-c, run in a stream of the group's device.
template <auto kFunction>
struct OnGroup;
template <class... Parameters, int (*kFunction)(mlx_array*, Parameters...)>
struct OnGroup<kFunction> {
  static int run(mlx_array* result, Parameters... parameters) {
    constexpr size_t kLast = sizeof...(Parameters) - 1;
    auto all = std::tuple{parameters...};
    auto& group = std::get<kLast - 1>(all);
    auto& stream = std::get<kLast>(all);
    return guarded([&] {
      distributed::Group used =
          group.ctx == nullptr ? default_group() : *static_cast<const distributed::Group*>(group.ctx);
      group.ctx = &used;
      if (stream.ctx == nullptr) return std::apply(kFunction, std::tuple_cat(std::tuple{result}, all));
      mlx::core::Stream place = stream_of(used, *static_cast<mlx::core::Stream*>(stream.ctx));
      stream.ctx = &place;
      return std::apply(kFunction, std::tuple_cat(std::tuple{result}, all));
    });
  }
};

#define DISTRIBUTED_OP(name) \
  const bool bound_##name = add_binding<&OnGroup<&mlx_distributed_##name>::run, Sharing::kNone>("distributed_" #name)

DISTRIBUTED_OP(all_gather);
DISTRIBUTED_OP(all_max);
DISTRIBUTED_OP(all_min);
DISTRIBUTED_OP(all_sum);
DISTRIBUTED_OP(recv);
DISTRIBUTED_OP(recv_like);
DISTRIBUTED_OP(send);
DISTRIBUTED_OP(sum_scatter);

// [number, rank, size]
napi_value describe(napi_env env, mlx_distributed_group group) {
  const int32_t facts[] = {GroupTable::instance().add(group), mlx_distributed_group_rank(group),
                           mlx_distributed_group_size(group)};
  return list_of_integers(env, facts);
}

// initGroup(strict, backend, timeoutMs): [number, rank, size]
napi_value init_group(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  BoolArgument strict;
  TextArgument backend;
  FloatArgument<double> timeout;
  if (!strict.read(call, received.values[0]) || !backend.read(call, received.values[1]) ||
      !timeout.read(call, received.values[2])) {
    return nullptr;
  }
  mlx_distributed_group group = mlx_distributed_group_new();
  const auto join = [&] {
    group.ctx = new distributed::Group(join_group(strict.flag, backend.text, timeout.number));
    return 0;
  };
  MLX_TRY(env, guarded(join));
  return describe(env, group);
}

// splitGroup(number, color, key): [number, rank, size]
napi_value split_group(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  GroupArgument parent;
  IntegerArgument<int> color, key;
  if (!parent.read(call, received.values[0]) || !color.read(call, received.values[1]) ||
      !key.read(call, received.values[2])) {
    return nullptr;
  }
  if (parent.group.ctx == nullptr) return throw_argument(env, "expected the number of a group");
  mlx_distributed_group group = mlx_distributed_group_new();
  MLX_TRY(env, mlx_distributed_group_split(&group, parent.group, color.number, key.number));
  return describe(env, group);
}

napi_value group_is_available(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  TextArgument backend;
  if (!backend.read(call, received.values[0])) return nullptr;
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, mlx_distributed_is_available(backend.text.c_str()), &result));
  return result;
}

}  // namespace

napi_status export_distributed(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {
      {"initGroup", init_group}, {"splitGroup", split_group}, {"groupIsAvailable", group_is_available}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
