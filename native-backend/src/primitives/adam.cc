#include "primitives/adam.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/parallel.h"
#include "primitives/plain.h"
#include "primitives/sole_inputs.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Shape;
using mlx::core::Stream;
using Arrays = std::vector<array>;

enum Input { kParameter, kGradient, kM, kV, kRate };

/** Of what each result is the next value. */
constexpr Input kOperandOf[] = {kParameter, kM, kV};

/** What a value costs, in operations: a division and a root take as long as some ten others. */
constexpr std::size_t kOperations = 24;

/** The constants, each rounded once. */
struct Factors {
  float beta1, beta2, rest1, rest2, eps, weight_decay;
  bool decays;
};

/** Values in the order of the result. */
struct Span {
  const float* parameter;
  const float* gradient;
  const float* m;
  const float* v;
  float* next;
  float* next_m;
  float* next_v;
};

// Each operation is rounded by itself, as MLX's own are: nothing here may become a fused multiply-add.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("default", "avx2", "avx512f"), optimize("fp-contract=off")))
#endif
void step(const Factors& f, float rate, const Span& span, std::size_t count) {
  const float* __restrict__ gradient = span.gradient;
  const float keep = 1.0f - rate * f.weight_decay;
  // A result may lie where its operand does, but no place is read after it was written.
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; i++) {
    const float g = gradient[i];
    const float m = f.beta1 * span.m[i] + f.rest1 * g;
    const float v = f.beta2 * span.v[i] + f.rest2 * (g * g);
    const float p = f.decays ? span.parameter[i] * keep : span.parameter[i];
    span.next_m[i] = m;
    span.next_v[i] = v;
    span.next[i] = p - rate * m / (std::sqrt(v) + f.eps);
  }
}

/** Elements of an array in row-major order, from `start` on, at their place or copied into `room`. */
const float* in_order(const array& a, std::size_t start, std::size_t count, float* room) {
  const auto* data = a.data<float>();
  if (a.flags().row_contiguous) return data + start;
  for (std::size_t i = 0; i < count; i++) room[i] = data[location_of(start + i, a.shape(), a.strides())];
  return room;
}

/** Tiles of a gradient whose columns are contiguous, as that of a transposed weight is. */
struct Tile {
  static constexpr std::size_t kRows = 16;
  static constexpr std::size_t kColumns = 64;
};

bool is_transposed(const array& a) {
  return a.ndim() == 2 && a.strides()[0] == 1 && a.strides()[1] == a.shape(0) && a.shape(1) > 1;
}

/** All arrays but the gradient are contiguous by rows here, and it by columns. */
void step_tiles(const Factors& f, float rate, const Arrays& in, const Span& all) {
  const auto rows = static_cast<std::size_t>(in[kGradient].shape(0));
  const auto columns = static_cast<std::size_t>(in[kGradient].shape(1));
  const std::size_t bands = (rows + Tile::kRows - 1) / Tile::kRows;
  for_each_index(bands, kOperations * rows * columns, [&](std::size_t band) {
    const std::size_t top = band * Tile::kRows;
    const std::size_t height = std::min(Tile::kRows, rows - top);
    float tile[Tile::kRows][Tile::kColumns];
    for (std::size_t left = 0; left < columns; left += Tile::kColumns) {
      const std::size_t width = std::min(Tile::kColumns, columns - left);
      for (std::size_t j = 0; j < width; j++) {
        const float* const column = all.gradient + (left + j) * rows + top;
        for (std::size_t i = 0; i < height; i++) tile[i][j] = column[i];
      }
      for (std::size_t i = 0; i < height; i++) {
        const std::size_t at = (top + i) * columns + left;
        step(f, rate,
             {all.parameter + at, tile[i], all.m + at, all.v + at, all.next + at, all.next_m + at, all.next_v + at},
             width);
      }
    }
  });
}

void step_parts(const Factors& f, float rate, const Arrays& in, const Span& all) {
  constexpr std::size_t kPart = 2048;
  const std::size_t size = in[kGradient].size();
  for_each_index((size + kPart - 1) / kPart, kOperations * size, [&](std::size_t part) {
    const std::size_t start = part * kPart;
    const std::size_t count = std::min(kPart, size - start);
    float rooms[4][kPart];
    const auto from = [&](Input input) { return in_order(in[input], start, count, rooms[input]); };
    step(f, rate,
         {from(kParameter), from(kGradient), from(kM), from(kV), all.next + start, all.next_m + start,
          all.next_v + start},
         count);
  });
}

class AdamStep : public mlx::core::Primitive {
 public:
  AdamStep(Stream stream, Factors factors) : Primitive(stream), factors_(factors) {}

  void eval_cpu(const Arrays& inputs, Arrays& outputs) override {
    SoleInputs sole(inputs, outputs);
    for (int i = 0; i < 3; i++) {
      const array& operand = inputs[kOperandOf[i]];
      if (operand.flags().row_contiguous && operand.is_donatable()) {
        outputs[i].copy_shared_buffer(operand);
      } else {
        outputs[i].set_data(mlx::core::allocator::malloc(outputs[i].nbytes()));
      }
    }
    sole.found();
    Arrays held, results;
    for (const array& input : inputs) held.push_back(array::unsafe_weak_copy(input));
    for (const array& output : outputs) results.push_back(array::unsafe_weak_copy(output));
    mlx::core::cpu::get_command_encoder(stream()).dispatch(
        [f = factors_, in = std::move(held), out = std::move(results)]() mutable {
          const Span all{in[kParameter].data<float>(), in[kGradient].data<float>(), in[kM].data<float>(),
                         in[kV].data<float>(),         out[0].data<float>(),        out[1].data<float>(),
                         out[2].data<float>()};
          const float rate = *in[kRate].data<float>();
          const bool others = std::all_of(std::begin(kOperandOf), std::end(kOperandOf),
                                          [&](Input input) { return in[input].flags().row_contiguous; });
          if (others && is_transposed(in[kGradient])) return step_tiles(f, rate, in, all);
          step_parts(f, rate, in, all);
        });
  }
  void eval_gpu(const Arrays&, Arrays&) override {
    throw std::runtime_error("this primitive is computed on a CPU alone");
  }
  std::vector<Shape> output_shapes(const Arrays& inputs) override {
    return {inputs[kParameter].shape(), inputs[kM].shape(), inputs[kV].shape()};
  }
  const char* name() const override { return "AdamStep"; }

 private:
  Factors factors_;
};

}  // namespace

std::optional<std::array<array, 3>> whole_adam_step(const AdamInputs& inputs, const AdamConstants& constants,
                                                    Stream stream) {
  const auto& [parameter, gradient, m, v, rate] = inputs;
  if (!may_be_whole(stream, {&parameter, &gradient, &m, &v, &rate})) return std::nullopt;
  if (rate.ndim() != 0 || parameter.size() == 0 || parameter.size() > INT32_MAX) return std::nullopt;
  for (const array* a : {&parameter, &gradient, &m, &v, &rate}) {
    if (a->dtype() != mlx::core::float32 || (a != &rate && a->shape() != parameter.shape())) return std::nullopt;
  }
  const auto rounded = [](double number) { return static_cast<float>(number); };
  const Factors factors{rounded(constants.beta1),     rounded(constants.beta2), rounded(1 - constants.beta1),
                        rounded(1 - constants.beta2), rounded(constants.eps),   rounded(constants.weight_decay),
                        constants.weight_decay != 0};
  auto results = array::make_arrays({parameter.shape(), m.shape(), v.shape()},
                                    {mlx::core::float32, mlx::core::float32, mlx::core::float32},
                                    std::make_shared<AdamStep>(stream, factors), {parameter, gradient, m, v, rate});
  return std::array{results[0], results[1], results[2]};
}

}  // namespace mlx_router
