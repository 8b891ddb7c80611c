#include "handles/environment.h"

#include <utility>

#include "mlx/c/cuda.h"
#include "mlx/c/device.h"
#include "mlx/c/memory.h"
#include "workarounds/cuda_exit.h"

namespace mlx_router {

namespace {

struct Device {
  explicit Device(bool gpu) : value(mlx_device_new_type(gpu ? MLX_GPU : MLX_CPU, 0)) {}
  ~Device() { mlx_device_free(value); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  mlx_device value;
};

int64_t memory_limit() {
  size_t bytes = 0;
  mlx_get_memory_limit(&bytes);
  return static_cast<int64_t>(bytes);
}

bool has_cuda() {
  bool available = false;
  mlx_cuda_is_available(&available);
  return available;
}

}  // namespace

int64_t active_memory() {
  size_t bytes = 0;
  mlx_get_active_memory(&bytes);
  return static_cast<int64_t>(bytes);
}

Environment::~Environment() {
  for (mlx_stream stream : streams_) mlx_stream_free(stream);
}

napi_value Environment::dispatcher() const {
  napi_value dispatcher = nullptr;
  if (dispatcher_ == nullptr || napi_get_reference_value(env_, dispatcher_, &dispatcher) != napi_ok) return nullptr;
  return dispatcher;
}

napi_status Environment::set_dispatcher(napi_value dispatcher) {
  return napi_create_reference(env_, dispatcher, 1, &dispatcher_);
}

void Environment::keep_exception() {
  napi_value exception;
  bool pending = false;
  if (exception_ != nullptr || napi_is_exception_pending(env_, &pending) != napi_ok || !pending) return;
  if (napi_get_and_clear_last_exception(env_, &exception) != napi_ok) return;
  // Only objects can be referenced: what was thrown travels in one.
  napi_value box;
  if (napi_create_object(env_, &box) != napi_ok) return;
  if (napi_set_named_property(env_, box, "thrown", exception) != napi_ok) return;
  if (napi_create_reference(env_, box, 1, &exception_) != napi_ok) exception_ = nullptr;
}

napi_value Environment::take_exception() {
  if (exception_ == nullptr) return nullptr;
  napi_value box = nullptr, exception = nullptr;
  const bool found = napi_get_reference_value(env_, exception_, &box) == napi_ok && box != nullptr;
  napi_delete_reference(env_, std::exchange(exception_, nullptr));
  if (!found || napi_get_named_property(env_, box, "thrown", &exception) != napi_ok) return nullptr;
  return exception;
}

void Environment::drop_function(int32_t function) {
  const std::lock_guard lock(dropped_mutex_);
  dropped_.push_back(function);
}

std::vector<int32_t> Environment::take_dropped() {
  const std::lock_guard lock(dropped_mutex_);
  return std::exchange(dropped_, {});
}

napi_status Environment::set_collector(napi_value collector) {
  slots.expect_collections();
  return napi_create_reference(env_, collector, 1, &collector_);
}

void Environment::collect_young() {
  run_collector();
  slots.end_collection(active_memory());
}

void Environment::collect_young(int64_t held) {
  run_collector();
  slots.end_collection(held);
}

void Environment::run_collector() {
  if (collector_ == nullptr) return;
  slots.begin_collection();
  if (computes_on_cuda_) slots.expect_gpu(memory_limit() - active_memory());
  napi_value collector, receiver;
  if (napi_get_reference_value(env_, collector_, &collector) != napi_ok) return;
  if (napi_get_undefined(env_, &receiver) != napi_ok) return;
  napi_call_function(env_, receiver, collector, 0, nullptr, nullptr);
}

// Also where nothing was computed on the GPU, for MLX may have brought CUDA up on another occasion.
void Environment::note_exit(int status) {
  if (!has_cuda()) return;
  exit_before_driver();
  exit_with(status);
}

void Environment::compute_on_gpu() {
  exit_before_driver();
  computes_on_cuda_ = has_cuda();
  if (computes_on_cuda_) slots.expect_gpu(memory_limit() - active_memory());
}

mlx_stream Environment::stream(int32_t index) {
  if (index >= 0) {
    return static_cast<size_t>(index) < streams_.size() ? streams_[index] : mlx_stream{nullptr};
  }
  if (default_ < 0) {
    mlx_device device = mlx_device_new();
    mlx_stream stream = mlx_stream_new();
    mlx_device_type type = MLX_CPU;
    if (mlx_get_default_device(&device) == 0 && mlx_get_default_stream(&stream, device) == 0) {
      default_ = keep(stream);
      if (mlx_device_get_type(&type, device) == 0 && type == MLX_GPU) compute_on_gpu();
    } else {
      mlx_stream_free(stream);
    }
    mlx_device_free(device);
  }
  return default_ < 0 ? mlx_stream{nullptr} : streams_[default_];
}

int32_t Environment::device_stream(bool gpu) {
  int32_t& known = device_default_[gpu ? 1 : 0];
  if (known >= 0) return known;
  const Device device(gpu);
  mlx_stream stream = mlx_stream_new();
  if (mlx_get_default_stream(&stream, device.value) != 0) {
    mlx_stream_free(stream);
    return -1;
  }
  if (gpu) exit_before_driver();
  return known = keep(stream);
}

int32_t Environment::new_stream(bool gpu) {
  const Device device(gpu);
  mlx_stream stream = mlx_stream_new_device(device.value);
  if (stream.ctx == nullptr) return -1;
  return keep(stream);
}

bool Environment::set_default_stream(int32_t index) {
  if (index < 0 || static_cast<size_t>(index) >= streams_.size()) return false;
  default_ = index;
  return true;
}

int32_t Environment::keep(mlx_stream stream) {
  streams_.push_back(stream);
  return static_cast<int32_t>(streams_.size()) - 1;
}

}  // namespace mlx_router
