#pragma once

#include <cstddef>
#include <cstring>

// Part of whoever calls them: files for AVX2 use them too, and the linker must not use a copy of those elsewhere.
#define MLX_ROUTER_RUN __attribute__((always_inline)) inline

namespace mlx_router {

/** Copies `bytes` that do not overlap; where they are few, a call of `memcpy` takes longer than the copy. */
MLX_ROUTER_RUN void copy_run(const void* from, void* to, std::size_t bytes) {
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

/** Makes numbers zero, without a call of `memset` where they are few. */
MLX_ROUTER_RUN void clear_run(float* to, std::size_t count) {
  constexpr std::size_t kMany = 64;
  if (count >= kMany) {
    std::memset(to, 0, count * sizeof *to);
    return;
  }
  static constexpr float kZeros[kMany] = {};
  copy_run(kZeros, to, count * sizeof *to);
}

/** Copies runs of so many bytes, each so many bytes behind the one before on either side. */
template <std::size_t kBytes>
MLX_ROUTER_RUN void copy_short_runs(const char* from, std::size_t from_step, char* to, std::size_t to_step,
                                    std::size_t count) {
  for (std::size_t i = 0; i < count; i++) std::memcpy(to + i * to_step, from + i * from_step, kBytes);
}

/** The same, where the compiler does not know how long the runs are. */
MLX_ROUTER_RUN void copy_runs(const char* from, std::size_t from_step, char* to, std::size_t to_step, std::size_t count,
                              std::size_t bytes) {
  // Those of kernels with three or five places and few channels.
  if (bytes == 12) return copy_short_runs<12>(from, from_step, to, to_step, count);
  if (bytes == 20) return copy_short_runs<20>(from, from_step, to, to_step, count);
  if (bytes == 36) return copy_short_runs<36>(from, from_step, to, to_step, count);
  if (bytes == 48) return copy_short_runs<48>(from, from_step, to, to_step, count);
  if (bytes == 96) return copy_short_runs<96>(from, from_step, to, to_step, count);
  for (std::size_t i = 0; i < count; i++) copy_run(from + i * from_step, to + i * to_step, bytes);
}

}  // namespace mlx_router
