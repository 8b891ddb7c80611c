#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "files/reader.h"
#include "mlx/array.h"
#include "mlx/c/vector.h"
#include "workarounds/failed_evaluations.h"
#include "workarounds/failed_reads.h"

// Evaluations that have started, and that another thread waits for.
//
// An array belongs to the thread of its graph, also while MLX computes it: MLX changes its status and its event without
// a lock whenever a thread asks whether it is available, waits for it, or builds on it. So to wait on another
// thread gets a copy of the events, which MLX made to be shared between threads, and never touches an array.
namespace mlx_router {

// How an evaluation ended.
struct Outcome {
  // nullptr: well.
  const char* code = nullptr;
  std::string message;
  bool failed() const { return code != nullptr; }
  bool is_of_file() const;
};

// Made, settled and dropped on the thread of its graph.
class InFlight {
 public:
  // Before the evaluation starts, while its graph is whole.
  explicit InFlight(mlx_vector_array arrays);
  ~InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  // After it has started: from now on others may wait for it.
  void watch(mlx_vector_array arrays);
  // It could not be started.
  void give_up();
  // On any thread. Each waits until the evaluation has ended.
  const Outcome& wait();
  // The same on the thread of the graph, which is made to fail again if the evaluation failed.
  const Outcome& settle();
  bool may_fail() const { return snapshot_.delays_others() || !files_.empty(); }

 private:
  void run();

  GraphSnapshot snapshot_;
  FileResults files_;
  const std::shared_ptr<ReadFailure> read_failure_ = read_failure();
  // One for each output, with a copy of its event and nothing else of it: only an array can wait for an event here, for
  // libmlx exports no other way.
  std::vector<mlx::core::array> stand_ins_;
  std::once_flag waited_;
  Outcome outcome_;
};

// Waits for the evaluations of this thread that may still fail, so that nothing else throws their errors.
void settle_failing();
// Waits for all of them; how the first one that failed ended.
Outcome settle_all();

}  // namespace mlx_router
