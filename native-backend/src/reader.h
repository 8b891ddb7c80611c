#pragma once

#include <string>

#include "errors.h"
#include "mlx/c/mlx.h"

namespace mlx_router {

// What mlx-c reads from: a header made in memory, and behind it an open file from its first byte. The file is read when
// an array is computed, on MLX's threads, through a descriptor of its own, which closes with the last array.
class FileReader {
 public:
  // `descriptor` is duplicated. False from `is_open` where that failed.
  FileReader(int descriptor, std::string header, std::string label);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  bool is_open() const { return reader_.ctx != nullptr; }
  mlx_io_reader get() const { return reader_; }

 private:
  mlx_io_reader reader_{nullptr};
};

// What went wrong since the last call when a file was read, or "". MLX drops such errors, so the values are all ones
// (NaN, -1) and whoever evaluates asks here.
std::string take_read_failure();

}  // namespace mlx_router
