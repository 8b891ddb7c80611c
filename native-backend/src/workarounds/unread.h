#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mlx/c/vector.h"

// MLX holds what it should have read from a file for read, also where that failed, so a second look would give stray
// memory. So what an evaluation computes from files is noted, and if a read failed it becomes arrays that fail with the
// same error whenever somebody asks for their values.
namespace mlx_router {

// Holds no values: a large file is converted array by array, and what is done with is freed meanwhile.
class ComputedFromFiles {
 public:
  // Before the evaluation. Nothing where no array of a file waits for its values.
  explicit ComputedFromFiles(mlx_vector_array outputs);
  bool empty() const { return arrays_.empty(); }
  // After one in which a read failed, with that error.
  void fail(const std::string& message);

 private:
  std::vector<std::weak_ptr<void>> arrays_;
};

}  // namespace mlx_router
