#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include "kernels/conversions.h"
#include "kernels/parallel.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "kernels/windows.h"
#include "kernels/work.h"
#include "mlx/allocator.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "workarounds/guards/imported_functions.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Convolution;
using Arrays = std::vector<array>;

// The one that MLX itself calls, with the values of the enumerations of CBLAS.
using Multiply = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float* a,
                          int lda, const float* b, int ldb, float beta, float* c, int ldc);
constexpr int kRowMajor = 101;
constexpr int kAsIs = 111;
constexpr int kTransposed = 112;
Multiply multiply = nullptr;

/** Where results are computed as float32: in the array itself, or to be rounded into it. */
float* wide_results(Work& work, array& out, Rounding rounding) {
  return rounding == Rounding::kFloat32 ? out.data<float>() : work.numbers(out.size());
}

void round_results(Work& work, array& out, Rounding rounding, const float* wide) {
  if (rounding == Rounding::kFloat32) return;
  work.then([wide, rounding, to = out.data<char>(), size = out.size(), itemsize = out.itemsize()] {
    for_each_part(size, kPart, [&](std::size_t start, std::size_t count) {
      narrow(wide + start, to + start * itemsize, count, rounding);
    });
  });
}

/** So many rows that a part of the work is worth a call. */
std::size_t rows_of_part(const Windows& windows, std::int64_t steps_of_result) {
  const std::int64_t steps = windows.slides.back().out * windows.results * std::max<std::int64_t>(steps_of_result, 1);
  return std::max<std::size_t>(4 * kPart / static_cast<std::size_t>(std::max<std::int64_t>(steps, 1)), 1);
}

/** As one product of matrices: of what each result reads with the kernels. */
void multiply_windows(Work& work, const Windows& windows, const float* in, const float* weights, float* out) {
  const auto& slides = windows.slides;
  const std::int64_t depth = windows.kernel_size() * windows.channels;
  const std::int64_t count = windows.rows() * slides.back().out;
  const bool is_unfolded = std::all_of(slides.begin(), slides.end(), [](const Slide& slide) {
    return slide.kernel == 1 && slide.stride == 1 && slide.padding == 0 && slide.in == slide.out;
  });
  const float* unfolded = in;
  if (!is_unfolded) {
    float* const to = work.numbers(static_cast<std::size_t>(count * depth));
    work.then([windows, in, to, length = slides.back().out * depth] {
      const std::size_t part = std::max<std::size_t>(kPart / static_cast<std::size_t>(length), 1);
      for_each_part(static_cast<std::size_t>(windows.rows()), part, [&](std::size_t start, std::size_t rows) {
        for (auto row = static_cast<std::int64_t>(start); rows-- > 0; row++)
          unfold_row(windows, row, in, to + row * length);
      });
    });
    unfolded = to;
  }
  if (windows.flip) {
    const std::int64_t size = windows.kernel_size();
    float* const turned = work.numbers(static_cast<std::size_t>(windows.results * depth));
    work.then([weights, turned, size, channels = windows.channels, results = windows.results] {
      for (std::int64_t i = 0; i < results * size; i++) {
        const std::int64_t place = i % size;
        std::copy_n(weights + (i - place + size - 1 - place) * channels, channels, turned + i * channels);
      }
    });
    weights = turned;
  }
  work.then([unfolded, weights, out, m = static_cast<int>(count), n = static_cast<int>(windows.results),
             k = static_cast<int>(depth)] {
    multiply(kRowMajor, kAsIs, kTransposed, m, n, k, 1.0f, unfolded, k, weights, k, 0.0f, out, n);
  });
}

/** Sum by sum. */
void sum_windows(Work& work, const Windows& windows, const float* in, const float* weights, float* out) {
  float* const packed = work.numbers(packed_size(windows));
  work.then([windows, in, weights, packed, out] {
    pack_weights(windows, weights, packed);
    const std::int64_t length = windows.slides.back().out * windows.results;
    const std::size_t part = rows_of_part(windows, windows.kernel_size() * windows.channels / windows.groups);
    for_each_part(static_cast<std::size_t>(windows.rows()), part, [&](std::size_t start, std::size_t rows) {
      for (auto row = static_cast<std::int64_t>(start); rows-- > 0; row++) {
        sum_row(windows, row, in, packed, out + row * length);
      }
    });
  });
}

enum class Way { kMultiply, kSum, kOfMlx };

/** As MLX chooses; it does itself what is rare, or where its own loops read other places than they should. */
Way way_of(const Windows& windows, std::size_t axes) {
  const auto& slides = windows.slides;
  const bool is_close = std::all_of(slides.begin(), slides.end(),
                                    [](const Slide& slide) { return slide.dilation == 1 && slide.spread == 1; });
  const std::int64_t most = std::numeric_limits<int>::max();
  const bool has_sizes = windows.rows() * slides.back().out <= most && windows.kernel_size() * windows.channels <= most;
  if (is_close && windows.groups == 1) return has_sizes ? Way::kMultiply : Way::kOfMlx;
  if (windows.kernel_size() > kMostPlaces) return Way::kOfMlx;
  if (axes == 1 && is_close && !windows.flip) return Way::kOfMlx;
  if (axes == 3 && windows.groups != 1) return Way::kOfMlx;
  const auto repeats = [](const Slide& slide) { return std::lcm(slide.spread, slide.stride) / slide.stride; };
  if (axes == 2 && repeats(slides[1]) != repeats(slides[2])) return Way::kOfMlx;
  return Way::kSum;
}

void evaluate_convolution(Convolution* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const array& weights = inputs[1];
  const auto rounding = rounding_of(out.dtype());
  const std::size_t axes = in.ndim() - 2;
  const bool alike = in.dtype() == out.dtype() && weights.dtype() == out.dtype();
  if (!rounding || !alike || axes < 1 || axes > kMostAxes || out.size() == 0 || in.size() == 0 || weights.size() == 0) {
    return original<Convolution>(primitive, inputs, out);
  }
  const auto [strides, padding, padding_after, dilation, spread, groups, flip] = primitive->state();
  Windows windows{in.shape(0), {}, in.shape(-1), weights.shape(0), in.shape(-1) / weights.shape(-1), flip};
  for (std::size_t i = 0; i < axes; i++) {
    const int axis = static_cast<int>(i) + 1;
    windows.slides[kMostAxes - axes + i] = {
        in.shape(axis), out.shape(axis), weights.shape(axis), strides[i], padding[i], dilation[i], spread[i]};
  }
  const Way way = way_of(windows, axes);
  if (way == Way::kOfMlx) return original<Convolution>(primitive, inputs, out);
  allocate(out);
  Work work(primitive->stream());
  const float* const from = dense_numbers(work, in, *rounding);
  const float* const kernels = dense_numbers(work, weights, *rounding);
  float* const wide = wide_results(work, out, *rounding);
  (way == Way::kMultiply ? multiply_windows : sum_windows)(work, windows, from, kernels, wide);
  round_results(work, out, *rounding, wide);
  work.begin();
}

}  // namespace

// Nothing of this is evaluated.
bool use_convolution_kernels() {
  if (!has_vectors()) return false;
  multiply = reinterpret_cast<Multiply>(imported_function("cblas_sgemm"));
  if (multiply == nullptr) return false;
  const mlx::core::Device cpu(mlx::core::Device::cpu);
  const array x = mlx::core::zeros({1, 1, 1}, mlx::core::float32, cpu);
  replace<Convolution>(mlx::core::conv1d(x, x, 1, 0, 1, 1, cpu), evaluate_convolution);
  return true;
}

}  // namespace mlx_router

#endif
