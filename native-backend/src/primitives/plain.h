#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

#include "mlx/allocator.h"
#include "mlx/array.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/dtype.h"
#include "mlx/primitives.h"
#include "mlx/stream.h"

// Some operations of MLX have a primitive for GPUs alone; on a CPU they are put together from up to twenty others. The
// primitives of this folder compute them as a whole, in the same order of arithmetic and with the same roundings.
namespace mlx_router {

/**
 * Whether a primitive of this folder may compute with these arrays: on a CPU, of a processor whose bits are known, and
 * where no transform follows the values, for these primitives have no derivatives and no names in an exported file.
 */
inline bool may_be_whole(const mlx::core::Stream& stream, std::initializer_list<const mlx::core::array*> inputs) {
#if defined(__linux__) && defined(__x86_64__)
  return stream.device == mlx::core::Device::cpu &&
         std::none_of(inputs.begin(), inputs.end(), [](const auto* input) { return input->is_tracer(); });
#else
  return false;
#endif
}

/** Calls `use` with a zero of the C++ type of a dtype that these primitives know; false for the others. */
template <typename Use>
bool with_number_type(mlx::core::Dtype dtype, Use use) {
  if (dtype == mlx::core::float32) return use(float{}), true;
  if (dtype == mlx::core::float16) return use(mlx::core::float16_t{}), true;
  if (dtype == mlx::core::bfloat16) return use(mlx::core::bfloat16_t{}), true;
  return false;
}

inline bool has_number_type(mlx::core::Dtype dtype) {
  return with_number_type(dtype, [](auto) {});
}

/** A primitive whose result is like its first argument. */
class Whole : public mlx::core::UnaryPrimitive {
 public:
  using UnaryPrimitive::UnaryPrimitive;

  void eval_gpu(const std::vector<mlx::core::array>&, mlx::core::array&) override {
    throw std::runtime_error("this primitive is computed on a CPU alone");
  }
  std::vector<mlx::core::Shape> output_shapes(const std::vector<mlx::core::array>& inputs) override {
    return {inputs[0].shape()};
  }

 protected:
  /** Calls `compute(inputs, out, zero)` on the stream, `zero` being of the type of the numbers. */
  template <typename Compute>
  void enqueue(const std::vector<mlx::core::array>& inputs, mlx::core::array& out, Compute compute) {
    using mlx::core::array;
    // As MLX's own: who evaluates holds the arrays until the task has run.
    std::vector<array> held;
    for (const array& input : inputs) held.push_back(array::unsafe_weak_copy(input));
    mlx::core::cpu::get_command_encoder(stream()).dispatch(
        [compute = std::move(compute), held = std::move(held), out = array::unsafe_weak_copy(out)]() mutable {
          with_number_type(out.dtype(), [&](auto zero) { compute(held, out, zero); });
        });
  }
};

/** Where an element is in the data, by its place in row-major order. MLX's own counts places in 32 bits. */
inline std::int64_t location_of(std::size_t place, const mlx::core::Shape& shape, const mlx::core::Strides& strides) {
  std::int64_t location = 0;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(shape[axis]);
    location += static_cast<std::int64_t>(place % size) * strides[axis];
    place /= size;
  }
  return location;
}

/** The rows of an array: its last axis, wherever the others begin. */
template <typename Number>
class RowsOf {
 public:
  explicit RowsOf(const mlx::core::array& a)
      : data_(a.data<Number>()),
        shape_(a.shape().begin(), a.shape().end() - 1),
        strides_(a.strides().begin(), a.strides().end() - 1) {}
  const Number* begin(std::size_t row) const { return data_ + location_of(row, shape_, strides_); }

 private:
  const Number* data_;
  mlx::core::Shape shape_;
  mlx::core::Strides strides_;
};

}  // namespace mlx_router
