#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/axes.h"
#include "mlx/array.h"

// Copies between arrays whose elements lie anywhere. MLX copies one element after the other, on one thread.
namespace mlx_router {

/** How a copy goes through memory, of at most so many axes. */
class CopyPlan {
 public:
  /** Both sides have that shape. Elements of the result must not overlap. */
  CopyPlan(const mlx::core::Shape& shape, const mlx::core::Strides& from, const mlx::core::Strides& to);

  /** Copies elements of 1, 2, 4 or 8 bytes, on several threads where that is worth it. */
  void run(const void* from, void* to, std::size_t itemsize) const;

 private:
  template <typename Bits>
  void run_as(const Bits* from, Bits* to) const;

  /** Outermost first; without those of one element, and with as few as the places allow. */
  std::vector<Axis> outer_;
  /** What is read or written closely. */
  Axis rows_{1, 0, 0};
  Axis columns_{1, 1, 1};
  std::int64_t outer_count_ = 1;
};

}  // namespace mlx_router
