#pragma once

#include <cstddef>

#include "kernels/panels.h"

// Arithmetic and comparisons of two numbers each, eight at a time, as MLX rounds them.
namespace mlx_router {

enum class Operation {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kMaximum,
  kMinimum,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};

/** One axis of operands: how many elements it has, and how many elements further the next one is in either. */
struct OperandAxis {
  std::size_t count;
  std::ptrdiff_t a_step;
  std::ptrdiff_t b_step;
};

/** Rows of operands in groups, whose results follow each other. A result may lie where an operand of its own does. */
struct OperandRows {
  const void* a;
  const void* b;
  void* out;
  OperandAxis groups;
  OperandAxis rows;
  std::size_t columns;
};

using Combine = void (*)(const OperandRows& rows);

/** The operation for numbers of a dtype; either operand may be one number for all of a row. Comparisons give bools. */
Combine combine_of(Operation operation, Rounding rounding, bool a_is_one, bool b_is_one);

}  // namespace mlx_router
