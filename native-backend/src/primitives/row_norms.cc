#include "primitives/row_norms.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/parallel.h"
#include "primitives/plain.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Stream;
using Arrays = std::vector<array>;

enum class Centre { kKept, kSubtracted };

/** What a value costs, in operations. */
constexpr std::size_t kOperations = 8;

struct Rows {
  Centre centre;
  float eps;
  bool has_weight;
  bool has_bias;
};

/** Values that stand `stride` apart. */
template <typename Number>
struct Strided {
  const Number* data = nullptr;
  std::int64_t stride = 0;
  Number operator[](std::size_t i) const { return data[static_cast<std::int64_t>(i) * stride]; }
};

template <typename Number>
Strided<Number> last_axis_of(const array* a) {
  return a == nullptr ? Strided<Number>{} : Strided<Number>{a->data<Number>(), a->strides().back()};
}

/** One row: mean and variance are sums from the first value to the last, as MLX's reductions are. */
template <typename Number>
void normalize(const Rows& rows, Strided<Number> x, Strided<Number> weight, Strided<Number> bias, std::size_t count,
               float inverse, Number* out) {
  float mean = 0;
  if (rows.centre == Centre::kSubtracted) {
    for (std::size_t i = 0; i < count; i++) mean = mean + static_cast<float>(x[i]);
    mean = mean * inverse;
  }
  float sum = 0;
  for (std::size_t i = 0; i < count; i++) {
    const float value = static_cast<float>(x[i]) - mean;
    sum = sum + value * value;
  }
  const float factor = 1.0f / std::sqrt(sum * inverse + rows.eps);
  for (std::size_t i = 0; i < count; i++) {
    auto value = static_cast<Number>((static_cast<float>(x[i]) - mean) * factor);
    if (rows.has_weight) value = value * weight[i];
    if (rows.has_bias) value = value + bias[i];
    out[i] = value;
  }
}

template <typename Number>
void normalize_all(const Rows& rows, const array& x, const array* weight, const array* bias, array& out) {
  const auto count = static_cast<std::size_t>(x.shape(-1));
  const float inverse = static_cast<float>(1.0 / static_cast<double>(count));
  const RowsOf<Number> values(x);
  const auto factors = last_axis_of<Number>(weight);
  const auto summands = last_axis_of<Number>(bias);
  auto* results = out.data<Number>();
  for_each_index(out.size() / count, kOperations * out.size(), [&](std::size_t row) {
    normalize<Number>(rows, {values.begin(row), x.strides().back()}, factors, summands, count, inverse,
                      results + row * count);
  });
}

class RowNorm : public Whole {
 public:
  RowNorm(Stream stream, Rows rows) : Whole(stream), rows_(rows) {}

  void eval_cpu(const Arrays& inputs, array& out) override {
    const array& x = inputs[0];
    if (x.flags().row_contiguous && x.is_donatable()) {
      out.copy_shared_buffer(x);
    } else {
      out.set_data(mlx::core::allocator::malloc(out.nbytes()));
    }
    enqueue(inputs, out, [rows = rows_](const Arrays& held, array& result, auto zero) {
      const array* weight = rows.has_weight ? &held[1] : nullptr;
      const array* bias = rows.has_bias ? &held.back() : nullptr;
      normalize_all<decltype(zero)>(rows, held[0], weight, bias, result);
    });
  }

  const char* name() const override { return rows_.centre == Centre::kKept ? "RMSNorm" : "LayerNorm"; }

 private:
  Rows rows_;
};

/** A factor or summand of a row. What MLX would convert, or find unfit, is left to it. */
bool fits(const array& vector, const array& x) {
  return vector.ndim() == 1 && vector.shape(0) == x.shape(-1) && vector.dtype() == x.dtype();
}

std::optional<array> normalized(Centre centre, const array& x, const std::optional<array>& weight,
                                const std::optional<array>& bias, float eps, Stream stream) {
  if (x.ndim() == 0 || x.size() == 0 || x.size() > INT32_MAX || !has_number_type(x.dtype())) return std::nullopt;
  if (!may_be_whole(stream, {&x, weight ? &*weight : &x, bias ? &*bias : &x})) return std::nullopt;
  Arrays inputs{x};
  for (const auto* vector : {&weight, &bias}) {
    if (!*vector) continue;
    if (!fits(**vector, x)) return std::nullopt;
    inputs.push_back(**vector);
  }
  const Rows rows{centre, eps, weight.has_value(), bias.has_value()};
  return array(x.shape(), x.dtype(), std::make_shared<RowNorm>(stream, rows), std::move(inputs));
}

}  // namespace

std::optional<array> whole_rms_norm(const array& x, const std::optional<array>& weight, float eps, Stream stream) {
  return normalized(Centre::kKept, x, weight, std::nullopt, eps, stream);
}

std::optional<array> whole_layer_norm(const array& x, const std::optional<array>& weight,
                                      const std::optional<array>& bias, float eps, Stream stream) {
  return normalized(Centre::kSubtracted, x, weight, bias, eps, stream);
}

}  // namespace mlx_router
