#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mlx/array.h"
#include "mlx/c/mlx.h"

// The decompositions of linear algebra fail on a thread of MLX's own, when the evaluation has marked their results as
// computed: MLX throws once, and afterwards gives uninitialized memory for their values.
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/transforms.cpp
// So a graph with such a node is copied before it is evaluated, and restored when that fails. It fails again whenever
// its values are asked for.
namespace mlx_router {

// From now on graphs are searched for what may fail.
void expect_failures();

// A function of mlx-c whose result may have such a node: `MayFail<&mlx_linalg_inv>::call`.
template <auto kFunction, class = decltype(kFunction)>
struct MayFail;
template <auto kFunction, class... Parameters>
struct MayFail<kFunction, int (*)(Parameters...)> {
  static int call(Parameters... parameters) {
    expect_failures();
    return kFunction(parameters...);
  }
};

// The nodes that an evaluation is about to compute, or in a function that MLX runs all of the graph.
class GraphSnapshot {
 public:
  using Arrays = std::vector<mlx::core::array>;
  // Nothing where no node may fail on another thread, or where the graph is not needed.
  explicit GraphSnapshot(mlx_vector_array outputs);
  ~GraphSnapshot();
  GraphSnapshot(const GraphSnapshot&) = delete;
  GraphSnapshot& operator=(const GraphSnapshot&) = delete;

  // The evaluation has ended, and its error has been taken. On any thread.
  void end();
  bool empty() const { return nodes_.empty(); }
  // Whether other evaluations of the thread wait for the end of this one. Not for the end of a communication: another
  // process may not begin it until they have run. All that follow its failure on the stream fail, too.
  bool delays_others() const { return delays_others_ && !empty(); }
  // After a failure makes the graph what it was before.
  void restore();
  // Makes what was computed nodes of a graph again, where the graph is needed.
  void reattach();

 private:
  struct Node {
    mlx::core::array array;
    std::shared_ptr<mlx::core::Primitive> primitive;
    Arrays inputs, siblings;
    uint16_t position;
    mlx::core::array::Status status;
  };
  const bool is_needed_;
  bool may_fail_ = false;
  bool delays_others_ = false;
  std::vector<Node> nodes_;
};

}  // namespace mlx_router
