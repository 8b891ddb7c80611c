#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "mlx/allocator.h"
#include "mlx/backend/gpu/device_info.h"

// MLX does not check whether the system gave the memory that it asked for, and writes to it, so the process crashes
// where memory is short:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/no_gpu/allocator.cpp
// The dynamic loader finds this allocator before MLX's of the same name. It throws where there is no memory.
namespace {

using mlx::core::allocator::Allocator;
using mlx::core::allocator::Buffer;

class Checked : public Allocator {
 public:
  explicit Checked(Allocator& own) : own_(own) {}

  Buffer malloc(size_t size) override {
    // Much is tried first, for MLX counts as in use what it did not get.
    if (size >= kMuch && is_host_ && !fits(size)) refuse(size);
    const Buffer buffer = own_.malloc(size);
    if (size > 0 && buffer.ptr() == nullptr) refuse(size);
    return buffer;
  }
  void free(Buffer buffer) override { own_.free(buffer); }
  size_t size(Buffer buffer) const override { return own_.size(buffer); }
  Buffer make_buffer(void* data, size_t size) override { return own_.make_buffer(data, size); }
  void release(Buffer buffer) override { own_.release(buffer); }

 private:
  static constexpr size_t kMuch = size_t{64} << 20;

  static bool fits(size_t size) {
    void* const data = std::malloc(size);
    std::free(data);
    return data != nullptr;
  }
  [[noreturn]] static void refuse(size_t size) {
    throw std::runtime_error("[malloc] Unable to allocate " + std::to_string(size) + " bytes.");
  }

  Allocator& own_;
  const bool is_host_ = !mlx::core::gpu::is_available();
};

}  // namespace

namespace mlx::core::allocator {

__attribute__((visibility("default"))) Allocator& allocator() {
  // Never destroyed: MLX's threads outlive the end of the program.
  static Checked* const checked = [] {
    auto* const next = reinterpret_cast<Allocator& (*)()>(dlsym(RTLD_NEXT, "_ZN3mlx4core9allocator9allocatorEv"));
    if (next == nullptr) throw std::runtime_error("[malloc] MLX has no allocator.");
    return new Checked(next());
  }();
  return *checked;
}

}  // namespace mlx::core::allocator
