#include "workarounds/guards/gpu_threads.h"

#if defined(__linux__)

#include <dlfcn.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "workarounds/guards/virtual_functions.h"

// A thread serves each stream of a GPU: it runs what is to follow a batch of kernels, which the GPU signals. MLX's loop
// compares the number of signals with a zero that it sets in each round, so after the first signal the thread never
// waits again, takes a processor, and holds the lock that evaluations need:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cuda/worker.cpp
// Such a thread calls a virtual function, whose table libmlx exports. It is replaced there by the same loop with a
// number that it keeps.
namespace {

using mlx_router::is_expected_mlx;
using mlx_router::replace_virtual_function;

using Tasks = std::vector<std::function<void()>>;

// What MLX's class has, in the same order: its header needs those of CUDA.
struct Worker {
  struct Event {
    void* event;
    void* device;
    int flags;
  };

  Worker* self;
  void* owners;
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t committed;
  std::uint64_t signaled;
  void* signal_stream;
  Event signal_event;
  bool stopped;
  Tasks pending;
  std::map<std::uint64_t, Tasks> tasks;
  std::thread thread;
};

// What a thread of the standard library starts with.
struct ThreadState {
  void* functions;
  std::shared_ptr<Worker> worker;
  void (Worker::*loop)();
};

using Run = void (*)(ThreadState*);

// Two numbers, and two functions that end the state, come before it.
constexpr std::size_t kRun = 4;
constexpr const char* kFunctions =
    "_ZTVNSt6thread11_State_implINS_8_InvokerISt5tupleIJMN3mlx4core2cu6WorkerEFvvESt10shared_ptrIS6_EEEEEEE";
// MLX asks for events without times that do not keep a processor busy.
constexpr int kSignalFlags = 3;

// Who synchronizes with a stream waits for its thread, and to wake that takes some microseconds.
constexpr auto kLooking = std::chrono::microseconds(100);

Run run_of_mlx = nullptr;

bool is_known(const Worker* worker) {
  return worker != nullptr && worker->self == worker && worker->signal_event.flags == kSignalFlags;
}

Tasks take_until(std::uint64_t batch, std::map<std::uint64_t, Tasks>& all) {
  Tasks taken;
  const auto end = all.upper_bound(batch);
  for (auto entry = all.begin(); entry != end; ++entry) {
    for (auto& task : entry->second) taken.push_back(std::move(task));
  }
  all.erase(all.begin(), end);
  return taken;
}

bool has_news(const Worker& worker, std::uint64_t done) {
  return __atomic_load_n(&worker.signaled, __ATOMIC_RELAXED) > done ||
         __atomic_load_n(&worker.stopped, __ATOMIC_RELAXED);
}

void look_for_news(const Worker& worker, std::uint64_t done) {
  const auto end = std::chrono::steady_clock::now() + kLooking;
  while (!has_news(worker, done) && std::chrono::steady_clock::now() < end) {
  }
}

void run(ThreadState* state) {
  Worker* const worker = state->worker.get();
  if (!is_known(worker)) return run_of_mlx(state);
  std::uint64_t done = 0;
  while (true) {
    Tasks tasks;
    bool stopped;
    look_for_news(*worker, done);
    {
      std::unique_lock lock(worker->mutex);
      worker->changed.wait(lock, [&] { return worker->signaled > done || worker->stopped; });
      done = worker->signaled;
      stopped = worker->stopped;
      tasks = take_until(done, worker->tasks);
    }
    // What a task holds is freed before the next one begins.
    for (auto& task : tasks) std::exchange(task, nullptr)();
    if (stopped) return;
  }
}

bool replace_run() {
  auto* const functions = static_cast<Run*>(dlsym(RTLD_DEFAULT, kFunctions));
  if (functions == nullptr || !is_expected_mlx()) return false;
  Run* const slot = functions + kRun;
  run_of_mlx = *slot;
  replace_virtual_function<Run>(slot, run);
  return *slot == run;
}

}  // namespace

bool mlx_router_let_gpu_threads_sleep() {
  static const bool done = replace_run();
  return done;
}

#else

bool mlx_router_let_gpu_threads_sleep() { return false; }

#endif
