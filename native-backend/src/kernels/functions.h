#pragma once

#include <cstddef>

#include "kernels/panels.h"

// Functions of single numbers as MLX defines them on a CPU, eight at a time. MLX computes one after the other and calls
// the C library for each fused multiply-add; here an instruction does it, and the bits are the same.
namespace mlx_router {

enum class Function { kExp, kSigmoid, kSin, kCos, kErf, kErfInv, kSqrt, kRsqrt, kSquare, kNegative, kAbs };

/** Whether this processor has what the functions are compiled for. */
bool has_functions();

/** Computes `count` results; they may be written over the operands. */
using Apply = void (*)(const void* in, void* out, std::size_t count);

/** The function for numbers of a dtype, which are rounded where MLX rounds them. */
Apply apply_of(Function function, Rounding rounding);

}  // namespace mlx_router
