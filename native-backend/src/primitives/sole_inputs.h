#pragma once

#include <vector>

#include "mlx/array.h"

namespace mlx_router {

/**
 * While a primitive with several results finds memory for them: takes the inputs from all results but the one that is
 * evaluated. Each holds them, and MLX donates only what one array alone holds; it takes them from all results
 * afterwards anyway. Where memory is short each has its own again, for another evaluation may follow.
 */
class SoleInputs {
 public:
  using Arrays = std::vector<mlx::core::array>;

  SoleInputs(const Arrays& inputs, Arrays& outputs) : inputs_(inputs), outputs_(outputs) { let_others_hold({}); }
  ~SoleInputs() {
    if (!found_) let_others_hold(inputs_);
  }
  SoleInputs(const SoleInputs&) = delete;
  SoleInputs& operator=(const SoleInputs&) = delete;

  /** All results have their memory. */
  void found() { found_ = true; }

 private:
  // What is traced is needed again, with its inputs.
  void let_others_hold(const Arrays& held) {
    for (mlx::core::array& output : outputs_) {
      if (&output.inputs() != &inputs_ && !output.is_tracer()) output.inputs() = held;
    }
  }

  const Arrays& inputs_;
  Arrays& outputs_;
  bool found_ = false;
};

}  // namespace mlx_router
