#include "files/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace mlx_router {
namespace {

std::atomic<int64_t> open_files{0};

struct State {
  const int descriptor;
  const std::string header;
  const std::string label;
  const std::shared_ptr<ReadFailure> failure = read_failure();
  size_t position = 0;

  State(int descriptor, std::string header, std::string label)
      : descriptor(descriptor), header(std::move(header)), label(std::move(label)) {
    open_files++;
  }
  ~State() {
    close(descriptor);
    open_files--;
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

// How many of the bytes could be read.
size_t read_file(const State& state, char* data, size_t count, size_t offset) {
  size_t done = 0;
  while (done < count) {
    // One call takes at most 2 GiB.
    const ssize_t got = pread(state.descriptor, data + done, std::min<size_t>(count - done, size_t{1} << 30),
                              static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

size_t read_at(void* self, char* data, size_t count, size_t offset) {
  const State& state = *static_cast<State*>(self);
  size_t done = 0;
  if (offset < state.header.size()) {
    done = std::min(count, state.header.size() - offset);
    std::memcpy(data, state.header.data() + offset, done);
  }
  if (done < count) done += read_file(state, data + done, count - done, offset + done - state.header.size());
  if (done < count) {
    std::memset(data + done, 0xff, count - done);
    state.failure->report(state.label + " became shorter, or unreadable, before its arrays were computed");
  }
  return count;
}

size_t read_next(void* self, char* data, size_t count) {
  State& state = *static_cast<State*>(self);
  const size_t done = read_at(self, data, count, state.position);
  state.position += done;
  return done;
}

int seek(void* self, int64_t offset, int whence) {
  State& state = *static_cast<State*>(self);
  if (whence == SEEK_CUR) offset += static_cast<int64_t>(state.position);
  if (whence == SEEK_END) {
    struct stat status;
    if (fstat(state.descriptor, &status) != 0) return -1;
    offset += static_cast<int64_t>(state.header.size()) + static_cast<int64_t>(status.st_size);
  }
  if (offset < 0) return -1;
  state.position = static_cast<size_t>(offset);
  return 0;
}

const mlx_io_vtable kTable = {
    [](void*) { return true; },
    [](void*) { return true; },
    [](void* self) { return static_cast<State*>(self)->position; },
    seek,
    read_next,
    read_at,
    [](void*, const char*, size_t) { return size_t{0}; },
    [](void* self) { return static_cast<State*>(self)->label.c_str(); },
    [](void* self) { delete static_cast<State*>(self); },
};

}  // namespace

FileReader::FileReader(int descriptor, std::string header, std::string label) {
  const int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return;
  auto state = std::make_unique<State>(own, std::move(header), std::move(label));
  reader_ = mlx_io_reader_new(state.get(), kTable);
  if (reader_.ctx != nullptr) state.release();
}

FileReader::~FileReader() {
  if (reader_.ctx != nullptr) mlx_io_reader_free(reader_);
}

void ReadFailure::report(const std::string& text) {
  const std::lock_guard<std::mutex> guard(lock_);
  if (text_.empty()) text_ = text;
  failed_ = true;
}

std::string ReadFailure::take() {
  if (!failed_) return {};
  const std::lock_guard<std::mutex> guard(lock_);
  failed_ = false;
  return std::exchange(text_, {});
}

const std::shared_ptr<ReadFailure>& read_failure() {
  static thread_local const auto failure = std::make_shared<ReadFailure>();
  return failure;
}

bool files_to_read() { return open_files > 0; }

}  // namespace mlx_router
