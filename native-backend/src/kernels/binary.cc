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

/** Where operands lie whose results follow each other: in rows, of which either operand has each element or one for
 * all. */
struct Broadcast {
  std::vector<Axis> outer;
  Axis rows;
  Axis columns;

  bool a_is_one() const { return columns.first == 0; }
  bool b_is_one() const { return columns.second == 0; }

  /** Whether all rows have the same elements of that operand, and those of the other follow each other. */
  bool repeats_a() const { return has_both() && rows.first == 0 && rows.second == columns.size; }
  bool repeats_b() const { return has_both() && rows.second == 0 && rows.first == columns.size; }
  bool has_both() const { return !a_is_one() && !b_is_one(); }
  /** How many rows can be computed as one whose repeated operand is written out. */
  std::int64_t joined_rows() const {
    if (!repeats_a() && !repeats_b()) return 1;
    return std::clamp<std::int64_t>(kLong / columns.size, 1, rows.size);
  }
};

/** Nothing where rows are short, or an operand's elements do not follow each other. */
std::optional<Broadcast> broadcast_of(const array& a, const array& b) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < a.ndim(); i++) {
    const std::int64_t size = a.shape()[i];
    if (size != 1) axes.push_back({size, a.strides()[i], b.strides()[i]});
  }
  axes = join(axes);
  if (axes.empty() || axes.size() > kMostJointAxes) return std::nullopt;
  const Axis columns = axes.back();
  const auto is_row = [](std::int64_t step) { return step == 0 || step == 1; };
  if (!is_row(columns.first) || !is_row(columns.second)) return std::nullopt;
  if (columns.first == 0 && columns.second == 0) return std::nullopt;
  axes.pop_back();
  Axis rows{1, 0, 0};
  if (!axes.empty()) {
    rows = axes.back();
    axes.pop_back();
  }
  Broadcast broadcast{std::move(axes), rows, columns};
  if (columns.size * broadcast.joined_rows() < kShort) return std::nullopt;
  return broadcast;
}

/** Where operands and results begin, and how many bytes their elements have. */
struct Places {
  const char* a;
  const char* b;
  char* out;
  std::size_t operand_bytes;
  std::size_t result_bytes;
};

/** Computes results of operands that follow each other, but for one that is the same for all. */
void combine_all(Combine combine, const Places& places, std::size_t size, bool a_is_one, bool b_is_one) {
  for_each_part(size, kPart, [&](std::size_t start, std::size_t count) {
    combine({places.a + (a_is_one ? 0 : start * places.operand_bytes),
             places.b + (b_is_one ? 0 : start * places.operand_bytes), places.out + start * places.result_bytes, 1,
             count, 0, 0});
  });
}

void combine_broadcast(Combine combine, const Places& places, const Broadcast& broadcast) {
  const auto& [outer, rows, columns] = broadcast;
  const auto row_count = static_cast<std::size_t>(rows.size);
  const auto column_count = static_cast<std::size_t>(columns.size);
  const auto joined = static_cast<std::size_t>(broadcast.joined_rows());
  const bool repeats_a = broadcast.repeats_a();
  const auto offset = [&](std::int64_t elements) { return elements * static_cast<std::int64_t>(places.operand_bytes); };
  std::size_t count_of_rows = row_count;
  for (const Axis& axis : outer) count_of_rows *= static_cast<std::size_t>(axis.size);
  const auto combine_rows = [&](std::size_t start, std::size_t count) {
    Cursor cursor(outer, static_cast<std::int64_t>(start / row_count));
    char* out = places.out + start * column_count * places.result_bytes;
    std::size_t skipped = start % row_count;
    while (count > 0) {
      std::size_t some = std::min(row_count - skipped, count);
      count -= some;
      const auto first = static_cast<std::int64_t>(skipped);
      const char* a = places.a + offset(cursor.first + first * rows.first);
      const char* b = places.b + offset(cursor.second + first * rows.second);
      if (const std::size_t groups = some / joined; joined > 1 && groups > 1) {
        char repeated[kLong * sizeof(float)];
        const std::size_t bytes = column_count * places.operand_bytes;
        for (std::size_t i = 0; i < joined; i++) copy_run(repeats_a ? a : b, repeated + i * bytes, bytes);
        const std::size_t length = joined * column_count;
        const auto step = static_cast<std::ptrdiff_t>(length);
        combine({repeats_a ? repeated : a, repeats_a ? b : repeated, out, groups, length, repeats_a ? 0 : step,
                 repeats_a ? step : 0});
        (repeats_a ? b : a) += groups * joined * bytes;
        out += groups * length * places.result_bytes;
        some -= groups * joined;
      }
      if (some > 0) combine({a, b, out, some, column_count, rows.first, rows.second});
      out += some * column_count * places.result_bytes;
      skipped = 0;
      cursor.step();
    }
  };
  for_each_part(count_of_rows, std::max<std::size_t>(kPart / column_count, 1), combine_rows);
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
    const Places places{a.data<char>(), b.data<char>(), out.data<char>(), a.itemsize(), out.itemsize()};
    auto& encoder = mlx::core::cpu::get_command_encoder(primitive->stream());
    // As MLX's own: who evaluates holds the arrays until the task has run.
    if (is_general) {
      encoder.dispatch([combine, places, broadcast = *broadcast] { combine_broadcast(combine, places, broadcast); });
    } else {
      encoder.dispatch([combine, places, size = out.data_size(), a_is_one, b_is_one] {
        combine_all(combine, places, size, a_is_one, b_is_one);
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
