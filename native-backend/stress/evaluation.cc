// Evaluations under way while their arrays are used, as the addon does it, without Node: one thread owns all arrays,
// the threads of a pool wait. Run under helgrind by `npm run stress:threads`; with an argument of "arrays" the pool
// waits for the arrays themselves, which is the race that the addon must not have, so helgrind has to report it.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include "evaluation/in_flight.h"
#include "mlx/mlx.h"
#include "transforms/closures.h"

// What the addon's other files would say: no JavaScript runs here.
bool mlx_router::in_function() { return false; }

namespace {

namespace mx = mlx::core;
using Arrays = std::vector<mx::array>;

class Pool {
 public:
  using Task = std::function<void()>;
  explicit Pool(size_t size) {
    for (size_t i = 0; i < size; i++) threads_.emplace_back([this] { run(); });
  }
  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void add(Task task) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

 private:
  void run() {
    while (true) {
      Task task;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return is_over_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::vector<std::thread> threads_;
  bool is_over_ = false;
};

// Starts to compute, and lets a thread of the pool wait.
std::unique_ptr<mlx_router::InFlight> start(Pool& pool, Arrays arrays, bool through_arrays) {
  const mlx_vector_array outputs{&arrays};
  auto evaluation = std::make_unique<mlx_router::InFlight>(outputs);
  mx::async_eval(arrays);
  if (through_arrays) {
    pool.add([arrays]() mutable {
      for (auto& array : arrays) array.wait();
    });
    return evaluation;
  }
  evaluation->watch(outputs);
  pool.add([evaluation = evaluation.get()] { evaluation->wait(); });
  return evaluation;
}

}  // namespace

int main(int count, char** values) {
  const int rounds = count > 1 ? std::atoi(values[1]) : 200;
  const bool through_arrays = count > 2 && std::string_view(values[2]) == "arrays";
  std::mt19937 random(1);
  double sum = 0;
  std::vector<std::unique_ptr<mlx_router::InFlight>> evaluations;
  {
    Pool pool(4);
    for (int i = 0; i < rounds; i++) {
      mx::array x = mx::add(mx::multiply(mx::arange(64, mx::float32), mx::array(2.0f)), mx::array(1.0f));
      evaluations.push_back(start(pool, {x}, through_arrays));
      mx::array y = mx::add(x, mx::array(1.0f));
      switch (random() % 6) {
        case 0:
          evaluations.push_back(start(pool, {y}, through_arrays));
          break;
        case 1:
          mx::eval({x});
          break;
        case 2:
          mx::eval({x, y});
          break;
        case 3:
          sum += x.is_available() ? 1 : 0;
          break;
        case 4:
          x = y;
          break;
        default:
          evaluations.push_back(start(pool, {x, y}, through_arrays));
          break;
      }
      x.eval();
      sum += mx::sum(y).item<float>() + x.data<float>()[0];
      // As when the promise settles.
      if (!through_arrays && random() % 4 == 0) {
        for (auto& evaluation : evaluations) evaluation->settle();
        evaluations.clear();
      }
    }
    mlx_router::settle_all();
  }
  std::printf("%d rounds, sum %.0f\n", rounds, sum);
  return 0;
}
