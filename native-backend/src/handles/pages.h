#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace mlx_router {

// Asks for large pages under fresh memory that is about to be filled: the faults of small ones cost several times what
// the copy itself does. A hint; where the system has none, nothing happens.
inline void prefer_large_pages(void* memory, size_t size) {
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t kPage = uintptr_t{1} << 21;
  const auto first = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t begin = (first + kPage - 1) & ~(kPage - 1);
  const uintptr_t end = (first + size) & ~(kPage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace mlx_router
