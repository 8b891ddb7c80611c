#pragma once

namespace mlx_router {

// While it exists, what this thread traces is to serve arguments of other shapes too, unless it was made with false.
// MLX knows it itself, and has no way to ask.
class ShapelessTrace {
 public:
  explicit ShapelessTrace(bool shapeless) : count_(shapeless ? 1 : 0) { under_way_ += count_; }
  ShapelessTrace(const ShapelessTrace&) = delete;
  ShapelessTrace& operator=(const ShapelessTrace&) = delete;
  ~ShapelessTrace() { under_way_ -= count_; }

  static bool under_way() { return under_way_ > 0; }

 private:
  static inline thread_local int under_way_ = 0;
  int count_;
};

}  // namespace mlx_router
