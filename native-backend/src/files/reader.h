#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "mlx/c/mlx.h"
#include "napi/errors.h"

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

// What went wrong when the files of one thread's arrays were read. MLX drops such errors, so the values are all ones
// (NaN, -1) and every evaluation asks here.
class ReadFailure {
 public:
  void report(const std::string& text);
  // What was reported since the last call, or "".
  std::string take();

 private:
  std::atomic<bool> failed_{false};
  std::mutex lock_;
  std::string text_;
};

// That of the readers made on this thread. MLX may report to it on any thread.
const std::shared_ptr<ReadFailure>& read_failure();

// Whether there are arrays of files whose values have not been read yet.
bool files_to_read();

}  // namespace mlx_router
