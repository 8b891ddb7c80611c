#include "handles/freed_memory.h"

#include <cstdlib>

#if defined(__GLIBC__)

#include <malloc.h>

// MLX takes the arrays of a CPU from malloc. By itself glibc gives a large block back to the system when it is freed,
// and each page of the next one is cleared when it is first written: that takes three times as long as adding two
// arrays.
namespace mlx_router {

namespace {

/** So many free bytes may stay with the process. */
constexpr std::size_t kWorthReturning = 1 << 28;

}  // namespace

void keep_freed_memory() {
  constexpr int kBytes = 1 << 28;
  // Who has chosen, in the words of glibc, keeps the choice.
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") == nullptr) mallopt(M_MMAP_THRESHOLD, kBytes);
  if (std::getenv("MALLOC_TRIM_THRESHOLD_") == nullptr) mallopt(M_TRIM_THRESHOLD, kBytes);
}

void return_freed_memory() {
  // Looking through the heap takes milliseconds, and what is given back has to be cleared when it is used again.
  if (mallinfo2().fordblks >= kWorthReturning) malloc_trim(0);
}

}  // namespace mlx_router

#else

namespace mlx_router {

void keep_freed_memory() {}
void return_freed_memory() {}

}  // namespace mlx_router

#endif
