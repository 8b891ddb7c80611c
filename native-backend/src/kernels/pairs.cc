#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/parallel.h"
#include "kernels/replacing.h"
#include "mlx/backend/common/binary.h"
#include "mlx/backend/common/ternary.h"
#include "mlx/backend/cpu/binary.h"
#include "mlx/backend/cpu/binary_ops.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

namespace detail = mlx::core::detail;
using mlx::core::array;
using mlx::core::BinaryOpType;
using mlx::core::Dtype;
using mlx::core::Select;
using mlx::core::TernaryOpType;
using Arrays = std::vector<array>;

/** Elements of an operand that follow each other, or one for all. */
struct Operand {
  const char* data;
  std::size_t step;
  explicit Operand(const array& a, bool is_one)
      : data(a.data<char>()), step(is_one ? 0 : static_cast<std::size_t>(a.itemsize())) {}
  const void* at(std::size_t start) const { return data + start * step; }
};

/** Calls `compute(start, count)` on the stream for parts of `size` elements. */
template <typename Compute>
void enqueue(mlx::core::Stream stream, std::size_t size, Compute compute) {
  // As MLX's own: who evaluates holds the arrays until the task has run.
  mlx::core::cpu::get_command_encoder(stream).dispatch(
      [size, compute] { for_each_part(size, kPart, [&](auto start, auto count) { compute(start, count); }); });
}

using Pair = void (*)(const void* a, const void* b, void* out, std::size_t count);

/** One of MLX's own loops, such as `VectorVector`, over elements that follow each other. */
template <typename Loop, typename Number>
void apply_loop(const void* a, const void* b, void* out, std::size_t count) {
  Loop()(static_cast<const Number*>(a), static_cast<const Number*>(b), static_cast<Number*>(out),
         static_cast<int>(count));
}

template <typename Loop>
Pair pair_of(Dtype dtype) {
  if (dtype == mlx::core::float32) return apply_loop<Loop, float>;
  if (dtype == mlx::core::float16) return apply_loop<Loop, mlx::core::float16_t>;
  if (dtype == mlx::core::bfloat16) return apply_loop<Loop, mlx::core::bfloat16_t>;
  return nullptr;
}

template <typename Op>
Pair pair_of(Dtype dtype, BinaryOpType type) {
  if (type == BinaryOpType::VectorVector) return pair_of<mlx::core::VectorVector<Op>>(dtype);
  if (type == BinaryOpType::VectorScalar) return pair_of<mlx::core::VectorScalar<Op>>(dtype);
  if (type == BinaryOpType::ScalarVector) return pair_of<mlx::core::ScalarVector<Op>>(dtype);
  return nullptr;
}

template <typename Primitive, typename Op>
struct Kernel {
  static void run(Primitive* primitive, const Arrays& inputs, array& out) {
    const array& a = inputs[0];
    const array& b = inputs[1];
    const BinaryOpType type = mlx::core::get_binary_op_type(a, b);
    const Pair pair = pair_of<Op>(a.dtype(), type);
    const bool alike = a.dtype() == b.dtype() && a.dtype() == out.dtype();
    if (pair == nullptr || !alike || out.size() == 0) return original<Primitive>(primitive, inputs, out);
    mlx::core::set_binary_op_output_data(a, b, out, type);
    const Operand first(a, type == BinaryOpType::ScalarVector);
    const Operand second(b, type == BinaryOpType::VectorScalar);
    const std::size_t size = type == BinaryOpType::ScalarVector ? b.data_size() : a.data_size();
    enqueue(primitive->stream(), size,
            [pair, first, second, to = out.data<char>(), itemsize = out.itemsize()](auto start, auto count) {
              pair(first.at(start), second.at(start), to + start * itemsize, count);
            });
  }

  static void use(const array& result) { replace<Primitive>(result, run); }
};

using Choose = void (*)(const std::uint8_t* condition, const void* a, const void* b, void* out, std::size_t count);

/** The operands' steps are 0 or 1. Both are read, so that the compiler can make vectors of the loop. */
template <typename Bits, std::size_t kFirst, std::size_t kSecond>
void choose(const std::uint8_t* condition, const void* a, const void* b, void* out, std::size_t count) {
  const auto* first = static_cast<const Bits*>(a);
  const auto* second = static_cast<const Bits*>(b);
  auto* to = static_cast<Bits*>(out);
  // A result may lie where an operand does, but no place is read after it was written.
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; i++) {
    const Bits x = first[i * kFirst];
    const Bits y = second[i * kSecond];
    to[i] = condition[i] != 0 ? x : y;
  }
}

template <typename Bits>
Choose choice_of(TernaryOpType type) {
  if (type == TernaryOpType::VectorVectorVector) return choose<Bits, 1, 1>;
  if (type == TernaryOpType::VectorVectorScalar) return choose<Bits, 1, 0>;
  if (type == TernaryOpType::VectorScalarVector) return choose<Bits, 0, 1>;
  return nullptr;
}

Choose choice_of(TernaryOpType type, std::size_t itemsize) {
  if (itemsize == 1) return choice_of<std::uint8_t>(type);
  if (itemsize == 2) return choice_of<std::uint16_t>(type);
  if (itemsize == 4) return choice_of<std::uint32_t>(type);
  if (itemsize == 8) return choice_of<std::uint64_t>(type);
  return nullptr;
}

void evaluate_select(Select* primitive, const Arrays& inputs, array& out) {
  const array& condition = inputs[0];
  const array& a = inputs[1];
  const array& b = inputs[2];
  const TernaryOpType type = mlx::core::get_ternary_op_type(condition, a, b);
  const Choose choose = choice_of(type, out.itemsize());
  const bool alike = condition.dtype() == mlx::core::bool_ && a.dtype() == out.dtype() && b.dtype() == out.dtype();
  if (choose == nullptr || !alike || out.size() == 0) return original<Select>(primitive, inputs, out);
  mlx::core::set_ternary_op_output_data(condition, a, b, out, type);
  const Operand first(a, type == TernaryOpType::VectorScalarVector);
  const Operand second(b, type == TernaryOpType::VectorVectorScalar);
  enqueue(primitive->stream(), out.size(),
          [choose, first, second, conditions = condition.data<std::uint8_t>(), to = out.data<char>(),
           itemsize = out.itemsize()](auto start, auto count) {
            choose(conditions + start, first.at(start), second.at(start), to + start * itemsize, count);
          });
}

}  // namespace

// Nothing of this is evaluated.
bool use_pair_kernels() {
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array x = zeros({1}, float32, cpu);
  Kernel<Power, detail::Power>::use(power(x, x, cpu));
  Kernel<Remainder, detail::Remainder>::use(remainder(x, x, cpu));
  Kernel<ArcTan2, detail::ArcTan2>::use(arctan2(x, x, cpu));
  Kernel<LogAddExp, detail::LogAddExp>::use(logaddexp(x, x, cpu));
  replace<Select>(where(zeros({1}, bool_, cpu), x, x, cpu), evaluate_select);
  return true;
}

}  // namespace mlx_router

#endif
