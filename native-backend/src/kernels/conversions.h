#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/panels.h"

// Numbers of 16 bits as float32 and back, and integers as float32, eight at a time, as MLX rounds them.
namespace mlx_router {

/** Reads `count` numbers of a dtype as float32. */
void widen(const void* from, float* to, std::size_t count, Rounding rounding);

/** Writes `count` numbers as those of a dtype. */
void narrow(const float* from, void* to, std::size_t count, Rounding rounding);

/** Reads `count` integers as float32, rounded to the nearest. */
void widen_integers(const std::uint32_t* from, float* to, std::size_t count);
void widen_integers(const std::int32_t* from, float* to, std::size_t count);
void widen_integers(const std::uint8_t* from, float* to, std::size_t count);

/** Reads `count` integers of 8 bits as those of 32. */
void widen_integers(const std::uint8_t* from, std::int32_t* to, std::size_t count);

}  // namespace mlx_router
