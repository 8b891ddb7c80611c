#pragma once

#include <cstddef>
#include <cstring>

namespace mlx_router {

/** Copies `bytes` that do not overlap; where they are few, a call of `memcpy` takes longer than the copy. */
inline void copy_run(const void* from, void* to, std::size_t bytes) {
  constexpr std::size_t kVector = 16;
  constexpr std::size_t kMany = 256;
  const char* read = static_cast<const char*>(from);
  char* write = static_cast<char*>(to);
  if (bytes >= kMany) {
    std::memcpy(write, read, bytes);
  } else if (bytes >= kVector) {
    // The last vector may repeat a part of the one before it.
    for (std::size_t i = 0; i + kVector < bytes; i += kVector) std::memcpy(write + i, read + i, kVector);
    std::memcpy(write + bytes - kVector, read + bytes - kVector, kVector);
  } else if (bytes >= 8) {
    std::memcpy(write, read, 8);
    std::memcpy(write + bytes - 8, read + bytes - 8, 8);
  } else if (bytes >= 4) {
    std::memcpy(write, read, 4);
    std::memcpy(write + bytes - 4, read + bytes - 4, 4);
  } else {
    for (std::size_t i = 0; i < bytes; i++) write[i] = read[i];
  }
}

}  // namespace mlx_router
