#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/panels.h"
#include "kernels/parallel.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "mlx/transforms.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::GatherQMM;
using mlx::core::QuantizationMode;
using mlx::core::QuantizedMatmul;
using Arrays = std::vector<array>;

/** Products of vectors with matrices: each with the next, if no indices say which with which. */
struct Product {
  array x, words, scales, biases;
  std::optional<array> vectors_of, matrix_of;
  QuantizedMatrix matrix;
  /** How many vectors a matrix is multiplied with, and how often that is done. */
  std::size_t vectors;
  std::size_t products;
  Rounding rounding;
};

std::size_t last(const array& a, std::size_t back) {
  return a.ndim() < back ? 1 : static_cast<std::size_t>(a.shape(-static_cast<int>(back)));
}

template <typename T>
T* data_of(const array& a) {
  return const_cast<T*>(a.data<T>());
}

void multiply(const Product& product, array& out) {
  const QuantizedMatrix& all = product.matrix;
  const std::size_t size = size_of(out.dtype());
  const std::size_t words = all.count * all.depth * all.bits / 32;
  const std::size_t groups = all.count * all.depth / all.group_size;
  const std::size_t panels = (all.count + kPanelColumns - 1) / kPanelColumns;
  const auto* x = data_of<char>(product.x);
  auto* results = out.data<char>();
  const auto run = [&](std::size_t task) {
    const std::size_t i = task / panels;
    const std::size_t vectors = product.vectors_of ? data_of<std::uint32_t>(*product.vectors_of)[i] : i;
    const std::size_t at = product.matrix_of ? data_of<std::uint32_t>(*product.matrix_of)[i] : i;
    QuantizedMatrix matrix = all;
    matrix.words = data_of<std::uint32_t>(product.words) + at * words;
    matrix.scales = data_of<char>(product.scales) + at * groups * size;
    matrix.biases = data_of<char>(product.biases) + at * groups * size;
    multiply_panel(matrix, task % panels * kPanelColumns, x + vectors * product.vectors * all.depth * size,
                   product.vectors, results + i * product.vectors * all.count * size, product.rounding);
  };
  for_each_index(panels * product.products, all.count * all.depth * product.vectors * product.products, run);
}

/** What the kernels can compute of it; MLX computes the rest. */
std::optional<Product> product_of(const Arrays& inputs, const array& out, int group_size, int bits,
                                  QuantizationMode mode, bool transpose, bool gathers) {
  const std::optional<Rounding> rounding = rounding_of(out.dtype());
  if (!rounding || mode != QuantizationMode::Affine || out.size() == 0) return std::nullopt;
  const auto contiguous = [](const array& a) { return a.flags().row_contiguous; };
  if (!std::all_of(inputs.begin(), inputs.end(), contiguous)) return std::nullopt;
  const array& x = inputs[0];
  const array& words = inputs[1];
  const std::size_t depth = last(x, 1);
  const QuantizedMatrix matrix{nullptr, nullptr, nullptr, last(out, 1), depth, group_size, bits, transpose};
  if (depth == 0) return std::nullopt;
  Product product{x, words, inputs[2], inputs[3], std::nullopt, std::nullopt, matrix, last(x, 2), 1, *rounding};
  if (gathers) {
    product.vectors_of = inputs[4];
    product.matrix_of = inputs[5];
    product.products = inputs[4].size();
  } else if (words.ndim() > 2) {
    product.products = x.size() / (product.vectors * depth);
  } else {
    product.vectors = x.size() / depth;
  }
  return product;
}

void enqueue(mlx::core::Stream stream, Product product, array& out) {
  allocate(out);
  auto& encoder = mlx::core::cpu::get_command_encoder(stream);
  // As MLX's own: who evaluates holds the arrays until the task has run.
  const auto weak = [](array& a) { a = array::unsafe_weak_copy(a); };
  weak(product.x), weak(product.words), weak(product.scales), weak(product.biases);
  if (product.vectors_of) weak(*product.vectors_of), weak(*product.matrix_of);
  encoder.dispatch(
      [product = std::move(product), out = array::unsafe_weak_copy(out)]() mutable { multiply(product, out); });
}

template <typename Primitive>
struct Kernel {
  static void run(Primitive* primitive, const Arrays& inputs, array& out) {
    const auto state = primitive->state();
    auto product = product_of(inputs, out, std::get<0>(state), std::get<1>(state), std::get<2>(state),
                              std::get<3>(state), std::is_same_v<Primitive, GatherQMM>);
    if (product) {
      enqueue(primitive->stream(), *std::move(product), out);
    } else {
      original<Primitive>(primitive, inputs, out);
    }
  }

  static void use(const array& result) { replace<Primitive>(result, run); }
};

}  // namespace

// Nothing of this is evaluated.
bool use_quantized_kernels() {
  if (!has_vectors()) return false;
  using namespace mlx::core;
  const Device cpu(Device::cpu);
  const array words = zeros({1, 32, 4}, uint32, cpu);
  const array scales = zeros({1, 32, 1}, float32, cpu);
  const array x = zeros({1, 32}, float32, cpu);
  const auto first = [&](const array& a) { return squeeze(a, 0, cpu); };
  Kernel<QuantizedMatmul>::use(
      quantized_matmul(x, first(words), first(scales), first(scales), true, 32, 4, "affine", cpu));
  Kernel<GatherQMM>::use(
      gather_qmm(x, words, scales, scales, std::nullopt, zeros({1}, uint32, cpu), true, 32, 4, "affine", false, cpu));
  return true;
}

}  // namespace mlx_router

#endif
