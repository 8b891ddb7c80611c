#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include "kernels/functions.h"
#include "kernels/parallel.h"
#include "kernels/replacing.h"
#include "mlx/backend/common/unary.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/backend/cpu/unary.h"
#include "mlx/backend/cpu/unary_ops.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

namespace detail = mlx::core::detail;
using mlx::core::array;
using mlx::core::Dtype;
using Arrays = std::vector<array>;

/** MLX's own loop over elements that follow each other. */
template <typename Number, typename Op>
void apply_op(const void* in, void* out, std::size_t count) {
  mlx::core::unary_op<Number, Number, Op>(static_cast<const Number*>(in), static_cast<Number*>(out), count, 1);
}

template <typename Op>
Apply apply_of_mlx(Dtype dtype) {
  if (dtype == mlx::core::float32) return apply_op<float, Op>;
  if (dtype == mlx::core::float16) return apply_op<mlx::core::float16_t, Op>;
  if (dtype == mlx::core::bfloat16) return apply_op<mlx::core::bfloat16_t, Op>;
  if (dtype == mlx::core::complex64) return apply_op<mlx::core::complex64_t, Op>;
  return nullptr;
}

template <Function kFunction>
Apply apply_in_vectors(Dtype dtype) {
  const auto rounding = rounding_of(dtype);
  return rounding ? apply_of(kFunction, *rounding) : nullptr;
}

/** Of 16 bits in vectors; of others MLX's loop is as fast. */
template <Function kFunction, typename Op>
Apply apply_simple(Dtype dtype) {
  const bool is_half = dtype == mlx::core::float16 || dtype == mlx::core::bfloat16;
  return is_half ? apply_in_vectors<kFunction>(dtype) : apply_of_mlx<Op>(dtype);
}

/** What computes parts of arrays of a dtype; null where MLX shall do it. */
using Choice = Apply (*)(Dtype dtype);

template <typename Primitive>
struct Kernel {
  static inline Choice choices[3] = {};

  static std::size_t variant(Primitive* primitive) {
    if constexpr (std::is_same_v<Primitive, mlx::core::Sqrt>) return primitive->state() ? 1 : 0;
    if constexpr (std::is_same_v<Primitive, mlx::core::Log>) return static_cast<std::size_t>(primitive->state());
    return 0;
  }

  static void run(Primitive* primitive, const Arrays& inputs, array& out) {
    const array& in = inputs[0];
    const Choice choice = choices[variant(primitive)];
    const Apply apply = choice == nullptr ? nullptr : choice(in.dtype());
    if (apply == nullptr || in.dtype() != out.dtype() || !in.flags().contiguous || in.size() == 0) {
      return original<Primitive>(primitive, inputs, out);
    }
    mlx::core::set_unary_output_data(in, out);
    // As MLX's own: who evaluates holds the arrays until the task has run.
    const auto task = [apply, from = in.data<char>(), to = out.data<char>(), size = in.data_size(),
                       itemsize = in.itemsize()] {
      for_each_part(size, kPart, [&](std::size_t start, std::size_t count) {
        apply(from + start * itemsize, to + start * itemsize, count);
      });
    };
    mlx::core::cpu::get_command_encoder(primitive->stream()).dispatch(task);
  }

  static void use(const array& result, Choice choice, Choice second = nullptr, Choice third = nullptr) {
    choices[0] = choice, choices[1] = second, choices[2] = third;
    replace<Primitive>(result, run);
  }
};

}  // namespace

// Nothing of this is evaluated.
bool use_elementwise_kernels() {
  if (!has_functions()) return false;
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array x = zeros({1}, float32, cpu);
  Kernel<Exp>::use(exp(x, cpu), apply_in_vectors<Function::kExp>);
  Kernel<Sigmoid>::use(sigmoid(x, cpu), apply_in_vectors<Function::kSigmoid>);
  Kernel<Sin>::use(sin(x, cpu), apply_in_vectors<Function::kSin>);
  Kernel<Cos>::use(cos(x, cpu), apply_in_vectors<Function::kCos>);
  Kernel<Erf>::use(erf(x, cpu), apply_in_vectors<Function::kErf>);
  Kernel<ErfInv>::use(erfinv(x, cpu), apply_in_vectors<Function::kErfInv>);
  Kernel<Sqrt>::use(sqrt(x, cpu), apply_in_vectors<Function::kSqrt>, apply_in_vectors<Function::kRsqrt>);
  Kernel<Square>::use(square(x, cpu), apply_simple<Function::kSquare, detail::Square>);
  Kernel<Negative>::use(negative(x, cpu), apply_simple<Function::kNegative, detail::Negative>);
  Kernel<Abs>::use(abs(x, cpu), apply_simple<Function::kAbs, detail::Abs>);
  Kernel<Log>::use(log(x, cpu), apply_of_mlx<detail::Log2>, apply_of_mlx<detail::Log10>, apply_of_mlx<detail::Log>);
  Kernel<Log1p>::use(log1p(x, cpu), apply_of_mlx<detail::Log1p>);
  Kernel<Expm1>::use(expm1(x, cpu), apply_of_mlx<detail::Expm1>);
  Kernel<Tan>::use(tan(x, cpu), apply_of_mlx<detail::Tan>);
  Kernel<Tanh>::use(tanh(x, cpu), apply_of_mlx<detail::Tanh>);
  Kernel<Sinh>::use(sinh(x, cpu), apply_of_mlx<detail::Sinh>);
  Kernel<Cosh>::use(cosh(x, cpu), apply_of_mlx<detail::Cosh>);
  Kernel<ArcTan>::use(arctan(x, cpu), apply_of_mlx<detail::ArcTan>);
  Kernel<ArcSin>::use(arcsin(x, cpu), apply_of_mlx<detail::ArcSin>);
  Kernel<ArcCos>::use(arccos(x, cpu), apply_of_mlx<detail::ArcCos>);
  Kernel<ArcTanh>::use(arctanh(x, cpu), apply_of_mlx<detail::ArcTanh>);
  Kernel<ArcSinh>::use(arcsinh(x, cpu), apply_of_mlx<detail::ArcSinh>);
  Kernel<ArcCosh>::use(arccosh(x, cpu), apply_of_mlx<detail::ArcCosh>);
  return true;
}

}  // namespace mlx_router

#endif
