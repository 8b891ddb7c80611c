#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "kernels/conversions.h"
#include "kernels/parallel.h"
#include "kernels/replacing.h"
#include "kernels/strided.h"
#include "mlx/allocator.h"
#include "mlx/array.h"
#include "mlx/backend/common/utils.h"
#include "mlx/backend/cpu/encoder.h"

namespace mlx_router {

/** What the stream is to do, step by step. Nothing is begun before all memory is there, for there may be too little. */
class Work {
 public:
  explicit Work(mlx::core::Stream stream) : encoder_(mlx::core::cpu::get_command_encoder(stream)) {}

  /** Memory that lives until the stream has used it. */
  char* bytes(std::size_t count) {
    mlx::core::array held({}, mlx::core::uint8, nullptr, {});
    held.set_data(mlx::core::allocator::malloc(count));
    held_.push_back(held);
    return held.data<char>();
  }
  float* numbers(std::size_t count) { return reinterpret_cast<float*>(bytes(count * sizeof(float))); }

  template <typename Step>
  void then(Step step) {
    steps_.push_back(std::move(step));
  }

  void begin() {
    encoder_.add_temporaries(std::move(held_));
    encoder_.dispatch([steps = std::move(steps_)] {
      for (const auto& step : steps) step();
    });
  }

 private:
  mlx::core::cpu::CommandEncoder& encoder_;
  std::vector<mlx::core::array> held_;
  std::vector<std::function<void()>> steps_;
};

/** The elements of an array that follow each other; the stream copies them where they do not. */
inline const char* dense_bytes(Work& work, const mlx::core::array& in) {
  const char* from = in.data<char>();
  if (in.flags().row_contiguous) return from;
  char* const dense = work.bytes(in.nbytes());
  work.then([plan = CopyPlan(in.shape(), in.strides(), mlx::core::make_contiguous_strides(in.shape())), from, dense,
             itemsize = in.itemsize()] { plan.run(from, dense, itemsize); });
  return dense;
}

/** The numbers of an array as float32 that follow each other; the stream computes them where they do not. */
inline const float* dense_numbers(Work& work, const mlx::core::array& in, Rounding rounding) {
  const char* const from = dense_bytes(work, in);
  if (rounding == Rounding::kFloat32) return reinterpret_cast<const float*>(from);
  float* const wide = work.numbers(in.size());
  work.then([from, wide, rounding, size = in.size(), itemsize = in.itemsize()] {
    for_each_part(size, kPart, [&](std::size_t start, std::size_t count) {
      widen(from + start * itemsize, wide + start, count, rounding);
    });
  });
  return wide;
}

}  // namespace mlx_router
