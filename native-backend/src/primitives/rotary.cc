#include "primitives/rotary.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/parallel.h"
#include "mlx/backend/cpu/simd/simd.h"
#include "primitives/plain.h"

namespace mlx_router {
namespace {

namespace simd = mlx::core::simd;
using mlx::core::array;
using mlx::core::Stream;
using Arrays = std::vector<array>;
using One = simd::Simd<float, 1>;

/** What a value costs, in operations. */
constexpr std::size_t kOperations = 4;

/** Cosines and sines `[positions, dims / 2]`. */
template <typename Number>
struct Angles {
  std::vector<Number> cosines, sines;

  Angles(std::size_t positions, float first, float scale, const std::vector<float>& frequencies) {
    const std::size_t half = frequencies.size();
    cosines.reserve(positions * half);
    sines.reserve(positions * half);
    for (std::size_t t = 0; t < positions; t++) {
      const float position = (static_cast<float>(t) + first) * scale;
      for (const float frequency : frequencies) {
        const One angle(position * frequency);
        cosines.push_back(static_cast<Number>(simd::cos(angle).value));
        sines.push_back(static_cast<Number>(simd::sin(angle).value));
      }
    }
  }
};

/** The frequencies of the pairs, as MLX computes them where the caller gives none. */
std::vector<float> frequencies_of(float base, int half) {
  const float factor = std::log(base) / half;
  std::vector<float> frequencies;
  for (int i = 0; i < half; i++) frequencies.push_back(simd::exp(One(static_cast<float>(-i) * factor)).value);
  return frequencies;
}

std::vector<float> reciprocals_of(const array& frequencies) {
  std::vector<float> reciprocals;
  const auto stride = frequencies.strides()[0];
  for (int i = 0; i < frequencies.shape(0); i++) reciprocals.push_back(1.0f / frequencies.data<float>()[i * stride]);
  return reciprocals;
}

template <typename Number>
void rotate(const Rotation& rotation, const std::vector<float>& frequencies, const array& x, const array& offset,
            array& out) {
  const int batch = x.shape(0);
  const auto positions = static_cast<std::size_t>(x.shape(-2));
  const auto width = static_cast<std::size_t>(x.shape(-1));
  const std::size_t half = frequencies.size();
  // Where the two values of pair j stand.
  const std::size_t step = rotation.traditional ? 2 : 1;
  const std::size_t apart = rotation.traditional ? 1 : half;
  const auto* offsets = offset.data<std::int32_t>();
  const auto offset_stride = offset.size() > 1 ? offset.strides()[0] : 0;
  std::vector<Angles<Number>> angles;
  for (int b = 0; b < (offset.size() > 1 ? batch : 1); b++) {
    angles.emplace_back(positions, static_cast<float>(offsets[b * offset_stride]), rotation.scale, frequencies);
  }
  const RowsOf<Number> values(x);
  const auto stride = static_cast<std::size_t>(x.strides().back());
  const std::size_t rows = out.size() / width;
  for_each_index(rows, kOperations * out.size(), [&](std::size_t row) {
    const auto& [cosines, sines] = angles.size() > 1 ? angles[row / (rows / batch)] : angles[0];
    const Number* const from = values.begin(row);
    Number* const to = out.data<Number>() + row * width;
    const std::size_t t = row % positions * half;
    for (std::size_t j = 0; j < half; j++) {
      const std::size_t first = j * step;
      const std::size_t second = first + apart;
      const Number a = from[first * stride];
      const Number b = from[second * stride];
      const Number cosine = cosines[t + j];
      const Number sine = sines[t + j];
      // Each product is rounded before it is added.
      const Number rotated[] = {a * cosine, b * sine, a * sine, b * cosine};
      to[first] = rotated[0] - rotated[1];
      to[second] = rotated[2] + rotated[3];
    }
    for (std::size_t i = 2 * half; i < width; i++) to[i] = from[i * stride];
  });
}

class Rotary : public Whole {
 public:
  Rotary(Stream stream, Rotation rotation) : Whole(stream), rotation_(rotation) {}

  void eval_cpu(const Arrays& inputs, array& out) override {
    out.set_data(mlx::core::allocator::malloc(out.nbytes()));
    enqueue(inputs, out, [rotation = rotation_](const Arrays& held, array& result, auto zero) {
      const auto frequencies =
          held.size() > 2 ? reciprocals_of(held[2]) : frequencies_of(*rotation.base, rotation.dims / 2);
      rotate<decltype(zero)>(rotation, frequencies, held[0], held[1], result);
    });
  }

  const char* name() const override { return "RoPE"; }

 private:
  Rotation rotation_;
};

/** What MLX would convert, or find unfit, is left to it. */
bool fits(const array& x, const Rotation& rotation, const array& offset, const std::optional<array>& frequencies) {
  if (x.ndim() < 3 || x.ndim() > 4 || x.size() == 0 || x.size() > INT32_MAX || !has_number_type(x.dtype())) {
    return false;
  }
  if (rotation.dims <= 0 || rotation.dims % 2 != 0 || rotation.dims > x.shape(-1)) return false;
  if (rotation.base.has_value() == frequencies.has_value()) return false;
  if (offset.dtype() != mlx::core::int32 || offset.ndim() > 1) return false;
  if (offset.size() != 1 && offset.size() != static_cast<std::size_t>(x.shape(0))) return false;
  return !frequencies || (frequencies->dtype() == mlx::core::float32 && frequencies->ndim() == 1 &&
                          frequencies->shape(0) == rotation.dims / 2);
}

}  // namespace

std::optional<array> whole_rope(const array& x, const Rotation& rotation, const array& offset,
                                const std::optional<array>& frequencies, Stream stream) {
  if (!fits(x, rotation, offset, frequencies)) return std::nullopt;
  if (!may_be_whole(stream, {&x, &offset, frequencies ? &*frequencies : &x})) return std::nullopt;
  Arrays inputs{x, offset};
  if (frequencies) inputs.push_back(*frequencies);
  return array(x.shape(), x.dtype(), std::make_shared<Rotary>(stream, rotation), std::move(inputs));
}

}  // namespace mlx_router
