#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "mlx/allocator.h"
#include "mlx/backend/gpu/device_info.h"

// MLX writes to what it asked for without a look at whether the system gave it, which ends the process where memory is
// short. Its functions find their allocator by name, and find this one first, for it stands before MLX.
namespace {

using mlx::core::allocator::Allocator;
using mlx::core::allocator::Buffer;

class Checked : public Allocator {
 public:
  explicit Checked(Allocator& own) : own_(own) {}

  Buffer malloc(size_t size) override {
    // Asked for beforehand where it is much: MLX would count it as given.
    if (size >= kMuch && is_host_ && !is_there(size)) refuse(size);
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

  static bool is_there(size_t size) {
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
