#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/conversions.h"
#include "kernels/parallel.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "kernels/strided.h"
#include "mlx/allocator.h"
#include "mlx/backend/common/utils.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Shape;
using mlx::core::Strides;
using Arrays = std::vector<array>;

/** So few elements MLX copies as fast. */
constexpr std::size_t kFew = 256;

bool is_for_mlx(const array& a) { return a.size() < kFew || a.ndim() > kMostJointAxes; }

/** Copies on the stream, into a part of a result that begins at an element. */
void enqueue_copy(mlx::core::Stream stream, const array& in, array& out, const Strides& strides, std::int64_t offset) {
  // As MLX's own: who evaluates holds the arrays until the task has run.
  mlx::core::cpu::get_command_encoder(stream).dispatch(
      [plan = CopyPlan(in.shape(), in.strides(), strides), from = in.data<char>(),
       to = out.data<char>() + offset * static_cast<std::int64_t>(out.itemsize()),
       itemsize = in.itemsize()] { plan.run(from, to, itemsize); });
}

/** Whether elements in that order can have another shape without being moved: where each axis lies within one run. */
bool is_view(const array& in, const Shape& shape) {
  // Axes that follow each other in memory are one run.
  std::vector<std::int64_t> runs;
  std::int64_t next = 0;
  for (std::size_t i = 0; i < in.ndim(); i++) {
    const std::int64_t size = in.shape(static_cast<int>(i));
    if (size == 1) continue;
    const std::int64_t stride = in.strides()[i];
    if (!runs.empty() && next == size * stride) {
      runs.back() *= size;
    } else {
      runs.push_back(size);
    }
    next = stride;
  }
  std::size_t axis = 0;
  for (std::int64_t run : runs) {
    std::int64_t filled = 1;
    while (filled < run && axis < shape.size()) filled *= shape[axis++];
    if (filled != run) return false;
  }
  return true;
}

template <typename Reshaping>
void evaluate_reshape(Reshaping* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  if (is_for_mlx(in) || in.flags().row_contiguous || is_view(in, out.shape())) {
    return original<Reshaping>(primitive, inputs, out);
  }
  allocate(out);
  enqueue_copy(primitive->stream(), in, out, mlx::core::make_contiguous_strides(in.shape()), 0);
}

/** One that wants rows; never freed, for threads may evaluate while the process exits. */
const mlx::core::Primitive* wants_rows_only = nullptr;

void evaluate_contiguous(mlx::core::Contiguous* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  // MLX may take the memory of such arrays as it is; whether that of columns only its comparison tells.
  const bool wants_rows = primitive->is_equivalent(*wants_rows_only);
  if (is_for_mlx(in) || in.flags().row_contiguous || (in.flags().col_contiguous && !wants_rows)) {
    return original<mlx::core::Contiguous>(primitive, inputs, out);
  }
  allocate(out);
  enqueue_copy(primitive->stream(), in, out, mlx::core::make_contiguous_strides(in.shape()), 0);
}

void evaluate_concatenate(mlx::core::Concatenate* primitive, const Arrays& inputs, array& out) {
  const bool alike =
      std::all_of(inputs.begin(), inputs.end(), [&](const array& in) { return in.dtype() == out.dtype(); });
  if (!alike || is_for_mlx(out)) return original<mlx::core::Concatenate>(primitive, inputs, out);
  allocate(out);
  const auto axis = static_cast<std::size_t>(primitive->state());
  std::int64_t offset = 0;
  for (const array& in : inputs) {
    if (in.size() > 0) enqueue_copy(primitive->stream(), in, out, out.strides(), offset);
    offset += in.shape(static_cast<int>(axis)) * out.strides()[axis];
  }
}

template <typename Bits>
void fill(const void* value, void* to, std::size_t count) {
  std::fill_n(static_cast<Bits*>(to), count, *static_cast<const Bits*>(value));
}

using Fill = void (*)(const void* value, void* to, std::size_t count);

Fill fill_of(std::size_t itemsize) {
  if (itemsize == 1) return fill<std::uint8_t>;
  if (itemsize == 2) return fill<std::uint16_t>;
  return itemsize == 4 ? fill<std::uint32_t> : fill<std::uint64_t>;
}

void evaluate_pad(mlx::core::Pad* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const array& value = inputs[1];
  if (in.dtype() != out.dtype() || value.dtype() != out.dtype() || is_for_mlx(out)) {
    return original<mlx::core::Pad>(primitive, inputs, out);
  }
  allocate(out);
  const auto [axes, low, high] = primitive->state();
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < axes.size(); i++) {
    offset += low[i] *
              out.strides()[static_cast<std::size_t>(axes[i] < 0 ? axes[i] + static_cast<int>(out.ndim()) : axes[i])];
  }
  mlx::core::cpu::get_command_encoder(primitive->stream())
      .dispatch([fill = fill_of(out.itemsize()), value = value.data<char>(), to = out.data<char>(), size = out.size(),
                 itemsize = out.itemsize()] {
        for_each_part(size, kPart,
                      [&](std::size_t start, std::size_t count) { fill(value, to + start * itemsize, count); });
      });
  if (in.size() > 0) enqueue_copy(primitive->stream(), in, out, out.strides(), offset);
}

/** Converts `count` numbers. */
using Convert = void (*)(const void* from, void* to, std::size_t count);

template <Rounding kRounding>
void widen_numbers(const void* from, void* to, std::size_t count) {
  widen(from, static_cast<float*>(to), count, kRounding);
}

template <Rounding kRounding>
void narrow_numbers(const void* from, void* to, std::size_t count) {
  narrow(static_cast<const float*>(from), to, count, kRounding);
}

template <typename From, typename To>
void convert_integers(const void* from, void* to, std::size_t count) {
  widen_integers(static_cast<const From*>(from), static_cast<To*>(to), count);
}

/** Integers of 8 bits, which the numbers of 16 can hold. */
template <Rounding kRounding>
void convert_bytes(const void* from, void* to, std::size_t count) {
  constexpr std::size_t kBlock = 512;
  float block[kBlock];
  const auto* integers = static_cast<const std::uint8_t*>(from);
  auto* numbers = static_cast<std::uint16_t*>(to);
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t length = std::min(kBlock, count - start);
    widen_integers(integers + start, block, length);
    narrow(block, numbers + start, length, kRounding);
  }
}

/** Null where MLX shall do it. */
Convert conversion(mlx::core::Dtype from, mlx::core::Dtype to) {
  using namespace mlx::core;
  if (!has_vectors()) return nullptr;
  if (to == float32) {
    if (from == float16) return widen_numbers<Rounding::kFloat16>;
    if (from == bfloat16) return widen_numbers<Rounding::kBFloat16>;
    if (from == uint32) return convert_integers<std::uint32_t, float>;
    if (from == int32) return convert_integers<std::int32_t, float>;
    if (from == uint8 || from == bool_) return convert_integers<std::uint8_t, float>;
  } else if (to == int32 || to == uint32) {
    if (from == uint8 || from == bool_) return convert_integers<std::uint8_t, std::int32_t>;
  } else if (from == uint8 || from == bool_) {
    if (to == float16) return convert_bytes<Rounding::kFloat16>;
    if (to == bfloat16) return convert_bytes<Rounding::kBFloat16>;
  } else if (from == float32) {
    if (to == float16) return narrow_numbers<Rounding::kFloat16>;
    if (to == bfloat16) return narrow_numbers<Rounding::kBFloat16>;
  }
  return nullptr;
}

void evaluate_astype(mlx::core::AsType* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const Convert convert = conversion(in.dtype(), out.dtype());
  if (convert == nullptr || !in.flags().contiguous || in.size() < kFew) {
    return original<mlx::core::AsType>(primitive, inputs, out);
  }
  if (mlx::core::is_donatable(in, out)) {
    out.copy_shared_buffer(in);
  } else {
    const std::size_t size = in.data_size();
    out.set_data(mlx::core::allocator::malloc(size * out.itemsize()), size, in.strides(), in.flags());
  }
  mlx::core::cpu::get_command_encoder(primitive->stream())
      .dispatch([convert, size = in.data_size(), from = in.data<char>(), to = out.data<char>(),
                 from_step = in.itemsize(), to_step = out.itemsize()] {
        for_each_part(size, kPart, [&](std::size_t start, std::size_t count) {
          convert(from + start * from_step, to + start * to_step, count);
        });
      });
}

}  // namespace

// Nothing of this is evaluated.
bool use_copy_kernels() {
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array x = zeros({2, 2}, float32, cpu);
  replace<Reshape>(reshape(x, {1, 4}, cpu), evaluate_reshape<Reshape>);
  replace<Flatten>(flatten(x, 0, 1, cpu), evaluate_reshape<Flatten>);
  const auto* rows = new array(contiguous(transpose(x, cpu), false, cpu));
  wants_rows_only = &rows->primitive();
  replace<Contiguous>(*rows, evaluate_contiguous);
  replace<Concatenate>(concatenate({x, x}, 0, cpu), evaluate_concatenate);
  replace<AsType>(astype(x, float16, cpu), evaluate_astype);
  replace<Pad>(pad(x, 1, array(0.0f), "constant", cpu), evaluate_pad);
  return true;
}

}  // namespace mlx_router

#endif
