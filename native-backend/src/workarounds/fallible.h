#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mlx/array.h"
#include "mlx/c/mlx.h"

// The decompositions of linear algebra fail on a thread of MLX's own, when the evaluation holds what they should have
// computed for done: MLX throws once, and from then on gives stray memory for their values. So a graph with such a node
// is remembered while it is evaluated, and put back as it was when that fails: it fails again whenever it is asked for.
namespace mlx_router {

// From now on graphs are looked through for what may fail there.
void expect_fallible();

// A function of mlx-c whose result may hold such a node: `Fallible<&mlx_linalg_inv>::call`.
template <auto kFunction, class = decltype(kFunction)>
struct Fallible;
template <auto kFunction, class... Parameters>
struct Fallible<kFunction, int (*)(Parameters...)> {
  static int call(Parameters... parameters) {
    expect_fallible();
    return kFunction(parameters...);
  }
};

// The nodes that an evaluation is about to compute, or in a function that MLX runs all of the graph.
class Remembered {
 public:
  using Arrays = std::vector<mlx::core::array>;
  // Nothing where no node may fail on another thread and nobody needs the graph.
  explicit Remembered(mlx_vector_array outputs);
  ~Remembered();
  Remembered(const Remembered&) = delete;
  Remembered& operator=(const Remembered&) = delete;

  // The evaluation has ended, and its error has been taken. On any thread.
  void end();
  bool empty() const { return nodes_.empty(); }
  // After a failure makes the graph what it was before.
  void restore();
  // Makes what was computed nodes of a graph again, where somebody needs it.
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
  std::vector<Node> nodes_;
};

}  // namespace mlx_router
