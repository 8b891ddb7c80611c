#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/arithmetic.h"
#include "kernels/axes.h"
#include "kernels/parallel.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "kernels/runs.h"
#include "mlx/backend/common/binary.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::BinaryOpType;
using Arrays = std::vector<array>;

/** So few numbers MLX computes as fast. */
constexpr std::size_t kFew = 256;
/** Shorter rows MLX computes as fast, where they cannot be joined to longer ones. */
constexpr std::int64_t kShort = 8;
/** Rows are joined until they have so many numbers. */
constexpr std::int64_t kLong = 256;

/**
 * Where operands lie whose results follow each other: in rows of columns, of which either operand has each element, or
 * one for all. Few short rows are a group; threads share groups.
 */
struct Broadcast {
  std::vector<Axis> outer;
  Axis groups{1, 0, 0};
  Axis rows{1, 0, 0};
  Axis columns;

  bool a_is_one() const { return columns.first == 0; }
  bool b_is_one() const { return columns.second == 0; }

  /** How many groups of one row each are computed as one row, where all have the same elements of an operand. */
  std::int64_t joined_groups() const {
    const bool can = rows.size == 1 && (repeats_a() || repeats_b());
    return can ? std::clamp<std::int64_t>(kLong / columns.size, 1, groups.size) : 1;
  }
  bool repeats_a() const { return has_both() && groups.first == 0 && groups.second == columns.size; }
  bool repeats_b() const { return has_both() && groups.second == 0 && groups.first == columns.size; }
  bool has_both() const { return !a_is_one() && !b_is_one(); }
};

/** The last of the axes, which is one of them no longer; one element where there is none. */
Axis take_last(std::vector<Axis>& axes) {
  if (axes.empty()) return {1, 0, 0};
  const Axis last = axes.back();
  axes.pop_back();
  return last;
}

/** Nothing where rows are short, or an operand's elements do not follow each other. */
std::optional<Broadcast> broadcast_of(const array& a, const array& b) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < a.ndim(); i++) {
    const std::int64_t size = a.shape()[i];
    if (size != 1) axes.push_back({size, a.strides()[i], b.strides()[i]});
  }
  axes = join(axes);
  if (axes.empty() || axes.size() > kMostJointAxes) return std::nullopt;
  const Axis columns = take_last(axes);
  const auto is_row = [](std::int64_t step) { return step == 0 || step == 1; };
  if (!is_row(columns.first) || !is_row(columns.second)) return std::nullopt;
  if (columns.first == 0 && columns.second == 0) return std::nullopt;
  Axis rows{1, 0, 0};
  if (axes.size() > 1 && axes.back().size * columns.size <= kLong) rows = take_last(axes);
  const Axis groups = take_last(axes);
  Broadcast broadcast{std::move(axes), groups, rows, columns};
  if (columns.size * broadcast.joined_groups() < kShort) return std::nullopt;
  return broadcast;
}

/** Where operands and results begin, and how many bytes their elements have. */
struct Operands {
  const char* a;
  const char* b;
  char* out;
  std::size_t operand_bytes;
  std::size_t result_bytes;

  Operands moved(std::int64_t by_a, std::int64_t by_b, std::size_t by_out) const {
    const auto bytes = static_cast<std::int64_t>(operand_bytes);
    return {a + by_a * bytes, b + by_b * bytes, out + by_out * result_bytes, operand_bytes, result_bytes};
  }
};

/** Computes results of operands that follow each other, but for one that is the same for all. */
void combine_all(Combine combine, const Operands& operands, std::size_t size, bool a_is_one, bool b_is_one) {
  for_each_part(size, kPart, [&](std::size_t start, std::size_t count) {
    const auto first = static_cast<std::int64_t>(start);
    const Operands part = operands.moved(a_is_one ? 0 : first, b_is_one ? 0 : first, start);
    combine({part.a, part.b, part.out, {1, 0, 0}, {1, 0, 0}, count});
  });
}

/** Computes groups of one row each, several as one row; gives how many of them, which may be none. */
std::size_t combine_joined(Combine combine, const Operands& operands, const Broadcast& broadcast, std::size_t count) {
  const auto joined = static_cast<std::size_t>(broadcast.joined_groups());
  const std::size_t long_rows = count / joined;
  if (joined == 1 || long_rows < 2) return 0;
  const bool repeats_a = broadcast.repeats_a();
  const auto columns = static_cast<std::size_t>(broadcast.columns.size);
  const std::size_t bytes = columns * operands.operand_bytes;
  char repeated[kLong * sizeof(float)];
  for (std::size_t i = 0; i < joined; i++) copy_run(repeats_a ? operands.a : operands.b, repeated + i * bytes, bytes);
  const std::size_t length = joined * columns;
  const auto step = static_cast<std::ptrdiff_t>(length);
  const OperandAxis rows{long_rows, repeats_a ? 0 : step, repeats_a ? step : 0};
  combine(
      {repeats_a ? repeated : operands.a, repeats_a ? operands.b : repeated, operands.out, {1, 0, 0}, rows, length});
  return long_rows * joined;
}

void combine_broadcast(Combine combine, const Operands& operands, const Broadcast& broadcast) {
  const auto& [outer, groups, rows, columns] = broadcast;
  const auto group_count = static_cast<std::size_t>(groups.size);
  const auto column_count = static_cast<std::size_t>(columns.size);
  const std::size_t group_size = static_cast<std::size_t>(rows.size) * column_count;
  const OperandAxis rows_of_group{static_cast<std::size_t>(rows.size), rows.first, rows.second};
  std::size_t count_of_groups = group_count;
  for (const Axis& axis : outer) count_of_groups *= static_cast<std::size_t>(axis.size);
  const auto combine_groups = [&](std::size_t start, std::size_t count) {
    Cursor cursor(outer, static_cast<std::int64_t>(start / group_count));
    const std::size_t end = start + count;
    for (std::size_t group = start; group < end; cursor.step()) {
      const std::size_t skipped = group == start ? group % group_count : 0;
      const std::size_t some = std::min(group_count - skipped, end - group);
      const auto at = [&](std::size_t done) {
        const auto first = static_cast<std::int64_t>(skipped + done);
        return operands.moved(cursor.first + first * groups.first, cursor.second + first * groups.second,
                              (group + done) * group_size);
      };
      const std::size_t done = combine_joined(combine, at(0), broadcast, some);
      if (const Operands rest = at(done); done < some) {
        combine({rest.a, rest.b, rest.out, {some - done, groups.first, groups.second}, rows_of_group, column_count});
      }
      group += some;
    }
  };
  for_each_part(count_of_groups, std::max<std::size_t>(kPart / group_size, 1), combine_groups);
}

template <typename Primitive, Operation kOperation>
struct Kernel {
  static bool is_for_mlx(Primitive* primitive, const array& a, const array& b, const array& out) {
    if constexpr (std::is_same_v<Primitive, mlx::core::Equal>) {
      // Such a comparison takes what is not a number for equal.
      if (primitive->state()) return true;
    }
    return out.size() < kFew || a.dtype() != b.dtype() || !rounding_of(a.dtype());
  }

  static void run(Primitive* primitive, const Arrays& inputs, array& out) {
    const array& a = inputs[0];
    const array& b = inputs[1];
    if (is_for_mlx(primitive, a, b, out)) return original<Primitive>(primitive, inputs, out);
    const BinaryOpType type = mlx::core::get_binary_op_type(a, b);
    const bool is_general = type == BinaryOpType::General;
    const std::optional<Broadcast> broadcast = is_general ? broadcast_of(a, b) : std::nullopt;
    if (type == BinaryOpType::ScalarScalar || (is_general && !broadcast)) {
      return original<Primitive>(primitive, inputs, out);
    }
    mlx::core::set_binary_op_output_data(a, b, out, type);
    const bool a_is_one = is_general ? broadcast->a_is_one() : type == BinaryOpType::ScalarVector;
    const bool b_is_one = is_general ? broadcast->b_is_one() : type == BinaryOpType::VectorScalar;
    const Combine combine = combine_of(kOperation, *rounding_of(a.dtype()), a_is_one, b_is_one);
    const Operands operands{a.data<char>(), b.data<char>(), out.data<char>(), a.itemsize(), out.itemsize()};
    auto& encoder = mlx::core::cpu::get_command_encoder(primitive->stream());
    // As MLX's own: who evaluates holds the arrays until the task has run.
    if (is_general) {
      encoder.dispatch(
          [combine, operands, broadcast = *broadcast] { combine_broadcast(combine, operands, broadcast); });
    } else {
      encoder.dispatch([combine, operands, size = out.data_size(), a_is_one, b_is_one] {
        combine_all(combine, operands, size, a_is_one, b_is_one);
      });
    }
  }

  static void use(const array& result) { replace<Primitive>(result, run); }
};

}  // namespace

// Nothing of this is evaluated.
bool use_arithmetic_kernels() {
  if (!has_vectors()) return false;
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array x = zeros({1}, float32, cpu);
  Kernel<Add, Operation::kAdd>::use(add(x, x, cpu));
  Kernel<Subtract, Operation::kSubtract>::use(subtract(x, x, cpu));
  Kernel<Multiply, Operation::kMultiply>::use(multiply(x, x, cpu));
  Kernel<Divide, Operation::kDivide>::use(divide(x, x, cpu));
  Kernel<Maximum, Operation::kMaximum>::use(maximum(x, x, cpu));
  Kernel<Minimum, Operation::kMinimum>::use(minimum(x, x, cpu));
  Kernel<Equal, Operation::kEqual>::use(equal(x, x, cpu));
  Kernel<NotEqual, Operation::kNotEqual>::use(not_equal(x, x, cpu));
  Kernel<Less, Operation::kLess>::use(less(x, x, cpu));
  Kernel<LessEqual, Operation::kLessEqual>::use(less_equal(x, x, cpu));
  Kernel<Greater, Operation::kGreater>::use(greater(x, x, cpu));
  Kernel<GreaterEqual, Operation::kGreaterEqual>::use(greater_equal(x, x, cpu));
  return true;
}

}  // namespace mlx_router

#endif
