#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mlx/c/vector.h"

// MLX takes what it should have read from a file for read, also where that failed, and gives uninitialized memory.
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/common/load.cpp
// So what an evaluation computes from files is noted. If a read failed, these arrays fail with the same error whenever
// their values are asked for.
namespace mlx_router {

// What an evaluation computes from files. It retains no values: a large file is converted array by array, and each
// is freed when it is no longer used.
class FileResults {
 public:
  // Before the evaluation. Nothing where no array of a file waits for its values.
  explicit FileResults(mlx_vector_array outputs);
  bool empty() const { return arrays_.empty(); }
  // After one in which a read failed, with that error.
  void fail(const std::string& message);

 private:
  std::vector<std::weak_ptr<void>> arrays_;
};

}  // namespace mlx_router
