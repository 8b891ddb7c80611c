#include "arguments.h"
#include "exports.h"

namespace mlx_router {
namespace {

napi_value number(napi_env env, double value) {
  napi_value result;
  NAPI_TRY(env, napi_create_double(env, value, &result));
  return result;
}

bool read_flag(napi_env env, napi_value value) {
  bool flag = false;
  return napi_get_value_bool(env, value, &flag) == napi_ok && flag;
}

// deviceStream(gpu): the index of the default stream of the CPU, or of the GPU.
napi_value device_stream(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  const int32_t index = received.environment->device_stream(read_flag(env, received.values[0]));
  return index < 0 ? throw_mlx(env) : number(env, index);
}

napi_value new_stream(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  const int32_t index = received.environment->new_stream(read_flag(env, received.values[0]));
  return index < 0 ? throw_mlx(env) : number(env, index);
}

napi_value set_default_stream(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int32_t index = -1;
  napi_get_value_int32(env, received.values[0], &index);
  if (!received.environment->set_default_stream(index)) return throw_argument(env, "expected the index of a stream");
  return nullptr;
}

napi_value synchronize(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int32_t index = -1;
  napi_get_value_int32(env, received.values[0], &index);
  MLX_TRY(env, mlx_synchronize(received.environment->stream(index)));
  return nullptr;
}

// Whether MLX computes on a GPU unless told otherwise.
napi_value default_is_gpu(napi_env env, napi_callback_info) {
  mlx_device device = mlx_device_new();
  mlx_device_type type = MLX_CPU;
  const bool failed = mlx_get_default_device(&device) != 0 || mlx_device_get_type(&type, device) != 0;
  mlx_device_free(device);
  if (failed) return throw_mlx(env);
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, type == MLX_GPU, &result));
  return result;
}

template <int (*kGet)(size_t*)>
napi_value memory(napi_env env, napi_callback_info) {
  size_t bytes = 0;
  MLX_TRY(env, kGet(&bytes));
  return number(env, static_cast<double>(bytes));
}

template <int (*kRun)()>
napi_value run(napi_env env, napi_callback_info) {
  MLX_TRY(env, kRun());
  return nullptr;
}

template <int (*kSet)(size_t*, size_t)>
napi_value set_limit(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  UnsignedArgument<size_t> limit;
  if (!limit.read(call, received.values[0])) return nullptr;
  size_t previous = 0;
  MLX_TRY(env, kSet(&previous, limit.number));
  return number(env, static_cast<double>(previous));
}

}  // namespace

napi_status export_devices(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"deviceStream", device_stream},
                        {"newStream", new_stream},
                        {"setDefaultStream", set_default_stream},
                        {"synchronize", synchronize},
                        {"defaultIsGpu", default_is_gpu},
                        {"getActiveMemory", memory<mlx_get_active_memory>},
                        {"getPeakMemory", memory<mlx_get_peak_memory>},
                        {"getCacheMemory", memory<mlx_get_cache_memory>},
                        {"clearCache", run<mlx_clear_cache>},
                        {"resetPeakMemory", run<mlx_reset_peak_memory>},
                        {"setCacheLimit", set_limit<mlx_set_cache_limit>},
                        {"setMemoryLimit", set_limit<mlx_set_memory_limit>},
                        {"setWiredLimit", set_limit<mlx_set_wired_limit>}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
