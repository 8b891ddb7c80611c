#include "workarounds/graph_depth.h"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "mlx/array.h"

namespace mlx_router {
namespace {

using Arrays = std::vector<mlx::core::array>;

// For what is called besides the walk.
constexpr size_t kReserve = 256 * 1024;

// The lowest address of this thread's stack, which grows downwards; nullptr where it cannot be had.
const char* find_stack_end() {
#if defined(__APPLE__)
  const pthread_t self = pthread_self();
  return static_cast<const char*>(pthread_get_stackaddr_np(self)) - pthread_get_stacksize_np(self);
#else
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  void* start = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &start, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<const char*>(start);
#endif
}

size_t stack_left() {
  // Asked for once: on the main thread libc reads all of /proc/self/maps, which costs as much as a small training step.
  static thread_local const char* const lowest = find_stack_end();
  const char here = 0;
  if (lowest == nullptr) return 0;
  const auto left = &here - lowest;
  return left > static_cast<ptrdiff_t>(kReserve) ? static_cast<size_t>(left) - kReserve : 0;
}

// How deep a walk from here goes, each array once; stops beyond the limit.
size_t depth(const Arrays& outputs, size_t limit) {
  std::unordered_set<uintptr_t> seen;
  std::vector<std::pair<const mlx::core::array*, size_t>> path;
  size_t deepest = 0;
  for (const auto& output : outputs) {
    if (!seen.insert(output.id()).second) continue;
    path.emplace_back(&output, 0);
    while (!path.empty() && deepest <= limit) {
      deepest = std::max(deepest, path.size());
      auto& [array, next] = path.back();
      if (next == array->inputs().size()) {
        path.pop_back();
        continue;
      }
      const mlx::core::array& input = array->inputs()[next++];
      if (seen.insert(input.id()).second) path.emplace_back(&input, 0);
    }
  }
  return deepest;
}

}  // namespace

bool fits_stack(mlx_vector_array outputs, Walk walk) {
  const size_t limit = stack_left() / static_cast<size_t>(walk);
  return depth(*static_cast<const Arrays*>(outputs.ctx), limit) <= limit;
}

}  // namespace mlx_router
