#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/conversions.h"
#include "kernels/half_panels.h"
#include "kernels/parallel.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "kernels/strided.h"
#include "kernels/work.h"
#include "mlx/allocator.h"
#include "mlx/backend/common/utils.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

using mlx::core::AddMM;
using mlx::core::array;
using mlx::core::Matmul;
using Arrays = std::vector<array>;

/** What the sums are multiplied with, and what is added of the result's own numbers before. */
struct Scales {
  float alpha = 1;
  float beta = 0;
};

/** Products of as many pairs of matrices. */
struct Products {
  std::size_t batch;
  std::size_t rows;
  HalfMatrix matrix;
  /** So many numbers lie between the matrices of two pairs. */
  std::vector<std::size_t> offsets;
  Rounding rounding;
  Scales scales;
};

constexpr std::size_t kBytes = 2;

/** Rounds the sums of one vector into the result, as MLX does. */
void write_row(const Products& products, const float* sums, std::size_t count, char* out) {
  float results[kHalfColumns];
  for (std::size_t i = 0; i < count; i++) results[i] = products.scales.alpha * sums[i];
  if (products.scales.beta != 0) {
    float own[kHalfColumns];
    widen(out, own, count, products.rounding);
    for (std::size_t i = 0; i < count; i++) results[i] = results[i] + products.scales.beta * own[i];
  }
  narrow(results, out, count, products.rounding);
}

void multiply(const Products& products, const float* x, char* out) {
  const auto& [batch, rows, matrix, offsets, rounding, scales] = products;
  const std::size_t columns = (matrix.count + kHalfColumns - 1) / kHalfColumns;
  const std::size_t parts = (rows + kHalfRows - 1) / kHalfRows;
  const auto multiply_part = [&](std::size_t task) {
    const std::size_t pair = task / (columns * parts);
    const std::size_t first = task % columns * kHalfColumns;
    const std::size_t row = task / columns % parts * kHalfRows;
    const std::size_t count = std::min(kHalfRows, rows - row);
    HalfMatrix own = matrix;
    own.values = static_cast<const char*>(matrix.values) + offsets[pair] * kBytes;
    float sums[kHalfRows * kHalfColumns];
    multiply_half_panel(own, first, x + (pair * rows + row) * matrix.depth, count, sums, rounding);
    const std::size_t width = std::min(kHalfColumns, matrix.count - first);
    char* to = out + ((pair * rows + row) * matrix.count + first) * kBytes;
    for (std::size_t i = 0; i < count; i++) {
      write_row(products, sums + i * kHalfColumns, width, to + i * matrix.count * kBytes);
    }
  };
  for_each_index(batch * columns * parts, batch * rows * matrix.count * matrix.depth, multiply_part);
}

/** Where the matrices of a batch begin. */
std::vector<std::size_t> offsets_of(const array& b, std::size_t batch) {
  const mlx::core::Shape shape(b.shape().begin(), b.shape().end() - 2);
  const mlx::core::Strides strides(b.strides().begin(), b.strides().end() - 2);
  std::vector<std::size_t> offsets(batch);
  for (std::size_t pair = 0; pair < batch; pair++) {
    offsets[pair] = static_cast<std::size_t>(mlx::core::elem_to_loc(static_cast<int>(pair), shape, strides));
  }
  return offsets;
}

/** Whether a call of the kernels can compute it. */
bool is_known(const array& a, const array& b, const array& out) {
  const auto rounding = rounding_of(out.dtype());
  const bool alike = a.dtype() == out.dtype() && b.dtype() == out.dtype();
  const bool is_half = rounding && *rounding != Rounding::kFloat32;
  return is_half && alike && out.size() > 0 && a.shape(-1) > 0 && out.ndim() <= kMostJointAxes;
}

void begin_products(const array& a, const array& b, array& out, Work& work, Scales scales) {
  const Rounding rounding = *rounding_of(out.dtype());
  const float* const x = dense_numbers(work, a, rounding);
  const auto rows = static_cast<std::size_t>(a.shape(-2));
  const auto depth = static_cast<std::size_t>(a.shape(-1));
  const auto count = static_cast<std::size_t>(b.shape(-1));
  const std::size_t batch = out.size() / (rows * count);
  Products products{batch, rows, {b.data<char>(), depth, count, count, 1}, {}, rounding, scales};
  const auto step = [&](std::size_t from_end) { return b.strides()[b.ndim() - from_end]; };
  const bool is_ahead = std::all_of(b.strides().begin(), b.strides().end(), [](auto stride) { return stride >= 0; });
  if (is_ahead && (step(1) == 1 || step(2) == 1)) {
    products.offsets = offsets_of(b, batch);
    products.matrix.depth_step = static_cast<std::size_t>(step(2));
    products.matrix.count_step = static_cast<std::size_t>(step(1));
  } else {
    products.matrix.values = dense_bytes(work, b);
    for (std::size_t pair = 0; pair < batch; pair++) products.offsets.push_back(pair * depth * count);
  }
  work.then([products = std::move(products), x, to = out.data<char>()] { multiply(products, x, to); });
  work.begin();
}

void evaluate_matmul(Matmul* primitive, const Arrays& inputs, array& out) {
  if (!is_known(inputs[0], inputs[1], out)) return original<Matmul>(primitive, inputs, out);
  allocate(out);
  Work work(primitive->stream());
  begin_products(inputs[0], inputs[1], out, work, {});
}

void evaluate_addmm(AddMM* primitive, const Arrays& inputs, array& out) {
  const array& own = inputs[2];
  if (!is_known(inputs[0], inputs[1], out) || own.dtype() != out.dtype()) {
    return original<AddMM>(primitive, inputs, out);
  }
  allocate(out);
  Work work(primitive->stream());
  work.then([plan = CopyPlan(own.shape(), own.strides(), mlx::core::make_contiguous_strides(own.shape())),
             from = own.data<char>(), to = out.data<char>()] { plan.run(from, to, kBytes); });
  const auto [alpha, beta] = primitive->state();
  begin_products(inputs[0], inputs[1], out, work, {alpha, beta});
}

}  // namespace

// Nothing of this is evaluated.
bool use_half_kernels() {
  if (!has_vectors()) return false;
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array x = zeros({2, 2}, float16, cpu);
  replace<Matmul>(matmul(x, x, cpu), evaluate_matmul);
  replace<AddMM>(addmm(x, x, x, 1.0f, 1.0f, cpu), evaluate_addmm);
  return true;
}

}  // namespace mlx_router

#endif
