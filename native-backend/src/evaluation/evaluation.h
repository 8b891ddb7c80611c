#pragma once

#include <vector>

#include "handles/environment.h"
#include "mlx/array.h"
#include "mlx/c/mlx.h"

namespace mlx_router {

// Computes the arrays; false with the error thrown.
bool evaluate(Environment* environment, mlx_vector_array arrays);

// One array with its values. It is held while it is computed: JavaScript may have dropped it by then, and a collection
// comes in between.
class Computed {
 public:
  Computed(Environment* environment, mlx_array array);
  Computed(const Computed&) = delete;
  Computed& operator=(const Computed&) = delete;

  // False with the error thrown.
  bool ok() const { return array_.ctx != nullptr; }
  mlx_array get() const { return array_; }

 private:
  mlx_array array_{nullptr};
  std::vector<mlx::core::array> held_;
};

}  // namespace mlx_router
