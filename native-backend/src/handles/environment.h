#pragma once

#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "handles/slots.h"
#include "mlx/c/stream.h"

namespace mlx_router {

class Environment;

// What MLX's arrays take in this process.
int64_t active_memory();

// The data of an exported function.
struct Entry {
  Environment* environment;
  napi_callback call;
};

// What one Node environment (the main thread, or a worker thread) owns.
// Counted, because at the end of the environment its objects are finalized in no order that we choose.
class Environment {
 public:
  explicit Environment(napi_env env) : slots(env), env_(env) {}

  napi_env env() const { return env_; }

  // What closures call, see closures.h; nullptr before it was set.
  napi_value dispatcher() const;
  napi_status set_dispatcher(napi_value dispatcher);
  // Keeps the pending exception while MLX unwinds, until the call ends.
  void keep_exception();
  bool has_exception() const { return exception_ != nullptr; }
  // What was thrown, or nullptr.
  napi_value take_exception();
  // Any thread may drop a function.
  void drop_function(int32_t function);
  std::vector<int32_t> take_dropped();

  void retain() { references_++; }
  void release() {
    if (--references_ == 0) delete this;
  }

  // The stream at that index of this environment's list; a negative index is the current default.
  mlx_stream stream(int32_t index);
  // The index of the default stream of the device, or of a new one on it; -1 with MLX's error set.
  int32_t device_stream(bool gpu);
  int32_t new_stream(bool gpu);
  // Which stream calls without one use from now on.
  bool set_default_stream(int32_t index);

  // Collects the young generation, where there is a collector. Dropped tensors are freed within the call.
  void collect_young();
  // The same while an evaluation is under way, before which so many bytes were in use.
  void collect_young(int64_t held);
  // While the process ends, before anything of it is taken down.
  static void note_exit(int status);
  // The JavaScript function that does it.
  napi_status set_collector(napi_value collector);

  // It exists as long as the environment.
  Entry* entry(napi_callback call) { return &entries_.emplace_back(Entry{this, call}); }

  SlotTable slots;
  // The memory of the Int32Array in which JavaScript reads what `describe` tells.
  int32_t* description = nullptr;
  // Numbers of collected sentinels, until JavaScript asks for them.
  std::vector<int32_t> collected;

 private:
  ~Environment();
  void run_collector();
  // A GPU is the default device.
  void compute_on_gpu();
  int32_t keep(mlx_stream stream);

  napi_env env_;
  std::deque<Entry> entries_;
  // Every stream this environment has used; freed at its end.
  std::vector<mlx_stream> streams_;
  int32_t default_ = -1;
  int32_t device_default_[2] = {-1, -1};
  bool computes_on_cuda_ = false;
  napi_ref collector_ = nullptr;
  napi_ref dispatcher_ = nullptr;
  napi_ref exception_ = nullptr;
  std::mutex dropped_mutex_;
  std::vector<int32_t> dropped_;
  // Closures may be dropped on any thread.
  std::atomic<int32_t> references_ = 1;
};

}  // namespace mlx_router
