#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/complex_batches.h"
#include "kernels/complex_orders.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "workarounds/guards/imported_functions.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Matmul;
using Arrays = std::vector<array>;

constexpr int kMostRows = 64;
constexpr int kMostDepth = static_cast<int>(kMostComplexDepth);
// From so large a left matrix on the BLAS is as fast, but for several products of few multiplications each.
constexpr int kLarge = 32 * 32;
constexpr std::int64_t kFew = 32 * 32 * 64;

/** The BLAS that MLX calls. */
ComplexGemm* gemm = nullptr;
/** How the kernels of other families, or MLX, evaluate what is left to them. */
Evaluation<Matmul> others = nullptr;

/** How the BLAS adds, which is tried out once. */
const std::optional<ComplexOrder>& known_order() {
  static const std::optional<ComplexOrder> order = order_of(gemm);
  return order;
}

/** Whether a call of the kernels can compute it, and sooner. */
bool is_known(const array& a, const array& b, const array& out) {
  using mlx::core::complex64;
  const bool alike = a.dtype() == complex64 && b.dtype() == complex64 && out.dtype() == complex64;
  // MLX counts numbers in 32 bits.
  if (!alike || out.size() == 0 || out.size() > std::numeric_limits<std::int32_t>::max()) return false;
  const auto [rows, depth, columns] = std::array{a.shape(-2), a.shape(-1), b.shape(-1)};
  if (rows > kMostRows || depth == 0 || depth > kMostDepth) return false;
  const bool is_one = out.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  return rows * depth < kLarge || (!is_one && std::int64_t{rows} * depth * columns <= kFew);
}

ComplexMatrices matrices_of(const array& in) {
  return {in.data<float>(), in.strides()[in.ndim() - 2], in.strides()[in.ndim() - 1]};
}

/** Adds an axis behind those that there are; one with them where the pairs follow each other. */
void append_axis(ComplexBatch& batch, int size, std::int64_t left_step, std::int64_t right_step) {
  if (size == 1) return;
  batch.pairs *= static_cast<std::size_t>(size);
  const bool follows = !batch.shape.empty() && batch.left_steps.back() == left_step * size &&
                       batch.right_steps.back() == right_step * size;
  if (follows) {
    batch.shape.back() *= size;
    batch.left_steps.back() = left_step;
    batch.right_steps.back() = right_step;
  } else {
    batch.shape.push_back(size);
    batch.left_steps.push_back(left_step);
    batch.right_steps.push_back(right_step);
  }
}

ComplexBatch batch_of(const array& a, const array& b, array& out) {
  const auto rows = static_cast<std::size_t>(a.shape(-2));
  const auto columns = static_cast<std::size_t>(b.shape(-1));
  const auto depth = static_cast<std::size_t>(a.shape(-1));
  ComplexBatch batch{rows, columns, depth, matrices_of(a), matrices_of(b), out.data<float>(), 1, {}, {}, {}};
  for (int axis = 0; axis + 2 < static_cast<int>(out.ndim()); axis++) {
    append_axis(batch, out.shape(axis), a.strides()[axis], b.strides()[axis]);
  }
  return batch;
}

void evaluate_matmul(Matmul* primitive, const Arrays& inputs, array& out) {
  const array& a = inputs[0];
  const array& b = inputs[1];
  if (!is_known(a, b, out)) return others(primitive, inputs, out);
  const std::optional<ComplexOrder>& order = known_order();
  if (!order || !holds_for(*order, a.shape(-2), b.shape(-1), a.shape(-1))) return others(primitive, inputs, out);
  allocate(out);
  // As MLX's own: who evaluates holds the arrays until the task has run.
  mlx::core::cpu::get_command_encoder(primitive->stream()).dispatch([batch = batch_of(a, b, out), order = *order] {
    multiply_batch(batch, order);
  });
}

}  // namespace

// Nothing of this is evaluated.
bool use_complex_kernels() {
  if (!has_vectors() || !__builtin_cpu_supports("fma")) return false;
  gemm = reinterpret_cast<ComplexGemm*>(imported_function("cblas_cgemm"));
  if (gemm == nullptr) return false;
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array x = zeros({2, 2}, complex64, cpu);
  replace<Matmul>(matmul(x, x, cpu), evaluate_matmul, others);
  return true;
}

}  // namespace mlx_router

bool mlx_router_knows_complex_sums() { return mlx_router::gemm != nullptr && mlx_router::known_order().has_value(); }

#else

bool mlx_router_knows_complex_sums() { return false; }

#endif
