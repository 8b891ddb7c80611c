#include "evaluation/brief_waits.h"
#include "evaluation/in_flight.h"
#include "handles/freed_memory.h"
#include "napi/arguments.h"
#include "napi/exports.h"
#include "workarounds/error_text.h"
#include "workarounds/stream_errors.h"

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
  if (!read_int32(env, received.values[0], &index) || !received.environment->set_default_stream(index))
    return throw_argument(env, "expected the index of a stream");
  return nullptr;
}

napi_value synchronize(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int32_t index;
  if (!read_stream(Call{env, received.environment}, received.values[0], &index)) return nullptr;
  const Outcome outcome = settle_all();
  if (outcome.failed()) return throw_code(env, outcome.code, outcome.message);
  end_lingering();
  MLX_TRY(env, mlx_synchronize(received.environment->stream(index)));
  return nullptr;
}

// Whether MLX computes on a GPU unless it is set otherwise.
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

napi_value device_count(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int count = 0;
  MLX_TRY(env, mlx_device_count(&count, read_flag(env, received.values[0]) ? MLX_GPU : MLX_CPU));
  return number(env, count);
}

struct DeviceInfo {
  mlx_device_info value = mlx_device_info_new();
  mlx_vector_string keys = mlx_vector_string_new();
  ~DeviceInfo() {
    mlx_vector_string_free(keys);
    mlx_device_info_free(value);
  }
};

napi_value device_info(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  const mlx_device device = mlx_device_new_type(read_flag(env, received.values[0]) ? MLX_GPU : MLX_CPU, 0);
  DeviceInfo facts;
  const bool failed =
      mlx_device_info_get(&facts.value, device) != 0 || mlx_device_info_get_keys(&facts.keys, facts.value) != 0;
  mlx_device_free(device);
  if (failed) return throw_mlx(env);
  napi_value result;
  NAPI_TRY(env, napi_create_object(env, &result));
  const size_t count = mlx_vector_string_size(facts.keys);
  for (size_t i = 0; i < count; i++) {
    char* key = nullptr;
    bool is_text = false;
    MLX_TRY(env, mlx_vector_string_get(&key, facts.keys, i));
    MLX_TRY(env, mlx_device_info_is_string(&is_text, facts.value, key));
    napi_value value;
    if (is_text) {
      const char* text = nullptr;
      MLX_TRY(env, mlx_device_info_get_string(&text, facts.value, key));
      NAPI_TRY(env, napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value));
    } else {
      size_t size = 0;
      MLX_TRY(env, mlx_device_info_get_size(&size, facts.value, key));
      NAPI_TRY(env, napi_create_double(env, static_cast<double>(size), &value));
    }
    NAPI_TRY(env, napi_set_named_property(env, result, key, value));
  }
  return result;
}

template <int (*kAsk)(bool*)>
napi_value ask(napi_env env, napi_callback_info) {
  bool answer = false;
  MLX_TRY(env, kAsk(&answer));
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, answer, &result));
  return result;
}

napi_value start_capture(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  TextArgument path;
  if (!path.read(call, received.values[0])) return nullptr;
  MLX_TRY(env, mlx_metal_start_capture(path.text.c_str()));
  return nullptr;
}

template <int (*kGet)(size_t*)>
napi_value memory(napi_env env, napi_callback_info) {
  size_t bytes = 0;
  MLX_TRY(env, kGet(&bytes));
  return number(env, static_cast<double>(bytes));
}

// What was left on a stream by an evaluation whose failure is known already is taken once for each such stream.
constexpr int kMostLeftErrors = 64;

// Runs a function that takes the errors of all streams.
template <class Function>
int run_alone(Function function) {
  settle_all();
  return stream_errors().alone([&function] {
    int left = kMostLeftErrors;
    while (function() != 0) {
      if (--left == 0) return 1;
      take_mlx_error();
    }
    return 0;
  });
}

int clear_cache() { return run_alone(mlx_clear_cache); }

int return_memory() {
  return_freed_memory();
  return 0;
}

int set_cache_limit(size_t* previous, size_t bytes) {
  return run_alone([=] { return mlx_set_cache_limit(previous, bytes); });
}

template <int (*kRun)()>
napi_value run(napi_env env, napi_callback_info) {
  MLX_TRY(env, kRun());
  return nullptr;
}

// setCacheLimit(bytes), setMemoryLimit and setWiredLimit: the limit before.
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
                        {"deviceCount", device_count},
                        {"deviceInfo", device_info},
                        {"metalIsAvailable", ask<mlx_metal_is_available>},
                        {"metalStartCapture", start_capture},
                        {"metalStopCapture", run<mlx_metal_stop_capture>},
                        {"cudaIsAvailable", ask<mlx_cuda_is_available>},
                        {"getActiveMemory", memory<mlx_get_active_memory>},
                        {"getPeakMemory", memory<mlx_get_peak_memory>},
                        {"getCacheMemory", memory<mlx_get_cache_memory>},
                        {"clearCache", run<clear_cache>},
                        {"returnMemory", run<return_memory>},
                        {"resetPeakMemory", run<mlx_reset_peak_memory>},
                        {"setCacheLimit", set_limit<set_cache_limit>},
                        {"setMemoryLimit", set_limit<mlx_set_memory_limit>},
                        {"setWiredLimit", set_limit<mlx_set_wired_limit>}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
