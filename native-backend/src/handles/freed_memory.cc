#include "handles/freed_memory.h"

#include <cstdlib>

#if defined(__GLIBC__)

#include <dlfcn.h>
#include <malloc.h>

// MLX takes the arrays of a CPU from malloc. By itself glibc gives a large block back to the system when it is freed,
// and each page of the next one is cleared when it is first written: that takes three times as long as adding two
// arrays.
namespace mlx_router {

namespace {

/** So many free bytes may stay with the process. */
constexpr std::size_t kWorthReturning = 1 << 28;

/** What malloc holds and nobody uses; much, where glibc is so old that it cannot say. */
std::size_t free_bytes() {
  using Answer = decltype(mallinfo2);
  static auto* const ask = reinterpret_cast<Answer*>(dlsym(RTLD_DEFAULT, "mallinfo2"));
  return ask == nullptr ? kWorthReturning : ask().fordblks;
}

}  // namespace

void keep_freed_memory() {
  // As much as the workers of Python keep.
  constexpr int kBytes = 1 << 30;
  // Who has chosen, in the words of glibc, keeps the choice.
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") == nullptr) mallopt(M_MMAP_THRESHOLD, kBytes);
  if (std::getenv("MALLOC_TRIM_THRESHOLD_") == nullptr) mallopt(M_TRIM_THRESHOLD, kBytes);
}

void return_freed_memory() {
  // Looking through the heap takes milliseconds, and what is given back has to be cleared when it is used again.
  if (free_bytes() >= kWorthReturning) malloc_trim(0);
}

}  // namespace mlx_router

#else

namespace mlx_router {

void keep_freed_memory() {}
void return_freed_memory() {}

}  // namespace mlx_router

#endif
