#include "workarounds/convolution_padding.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "mlx/ops.h"
#include "operations/c_functions.h"

namespace mx = mlx::core;

using mlx_router::tensor;

namespace {

using Sizes = std::vector<int>;

struct Plan {
  Sizes stride;
  Sizes before;
  Sizes after;
  Sizes dilation;
};

// Whether the kernel goes over more places near the edge than there are; of one axis MLX has another, which does not.
// Or whether it fits into the padding: MLX cuts the derivative by such an input twice.
bool overruns(const mx::array& input, const mx::array& weight, const Plan& plan) {
  const size_t axes = plan.stride.size();
  if (input.ndim() != axes + 2 || weight.ndim() != axes + 2) return false;
  for (size_t i = 0; i < axes; i++) {
    const int stride = plan.stride[i];
    if (stride < 1) continue;
    const int span = plan.dilation[i] * (weight.shape(i + 1) - 1) + 1;
    if (std::max(plan.before[i], plan.after[i]) >= span) return true;
    if (axes < 2) continue;
    const int room = input.shape(i + 1) + plan.before[i] + plan.after[i] - span;
    if (room >= 0 && (plan.before[i] + stride - 1) / stride > room / stride + 1) return true;
  }
  return false;
}

// The convolution with its padding made zeros of the input.
int convolve(mlx_array* res, mlx_array input, mlx_array weight, const Plan& plan, int groups, bool flip, mlx_stream s) {
  return mlx_router::guarded([&] {
    const size_t axes = plan.stride.size();
    Sizes before = plan.before, after = plan.after;
    // Every axis, for MLX's derivative reads the sizes of others out of bounds.
    mx::Shape low(axes + 2, 0), high(axes + 2, 0);
    Sizes all(axes + 2);
    std::iota(all.begin(), all.end(), 0);
    for (size_t i = 0; i < axes; i++) {
      low[i + 1] = std::max(before[i], 0);
      high[i + 1] = std::max(after[i], 0);
      before[i] -= low[i + 1];
      after[i] -= high[i + 1];
    }
    const mx::Stream& stream = mlx_router::stream_of(s);
    const mx::array& given = tensor(input);
    const mx::array zero(0, given.dtype());
    mx::array padded = mx::pad(given, all, low, high, zero, "constant", stream);
    mlx_array borrowed{&padded};
    const Sizes ones(axes, 1);
    return mlx_conv_general(res, borrowed, weight, plan.stride.data(), axes, before.data(), axes, after.data(), axes,
                            plan.dilation.data(), axes, ones.data(), axes, groups, flip, s);
  });
}

// A transposed convolution is one over an input with other padding; a stride spreads the input, which goes another way.
bool transposed_overruns(mlx_array input, mlx_array weight, const Sizes& stride, const Sizes& padding,
                         const Sizes& dilation, const Sizes& output_padding, Plan* plan) {
  const size_t axes = stride.size();
  if (tensor(weight).ndim() != axes + 2 || std::any_of(stride.begin(), stride.end(), [](int n) { return n != 1; })) {
    return false;
  }
  *plan = {stride, {}, {}, dilation};
  for (size_t i = 0; i < axes; i++) {
    plan->before.push_back(dilation[i] * (tensor(weight).shape(i + 1) - 1) - padding[i]);
    plan->after.push_back(plan->before[i] + output_padding[i]);
  }
  return overruns(tensor(input), tensor(weight), *plan);
}

}  // namespace

int padded_conv1d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride, int padding, int dilation,
                  int groups, const mlx_stream s) {
  const Plan plan{{stride}, {padding}, {padding}, {dilation}};
  if (overruns(tensor(input), tensor(weight), plan)) return convolve(res, input, weight, plan, groups, false, s);
  return mlx_conv1d(res, input, weight, stride, padding, dilation, groups, s);
}

int padded_conv2d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                  int padding_0, int padding_1, int dilation_0, int dilation_1, int groups, const mlx_stream s) {
  const Sizes padding{padding_0, padding_1};
  const Plan plan{{stride_0, stride_1}, padding, padding, {dilation_0, dilation_1}};
  if (overruns(tensor(input), tensor(weight), plan)) return convolve(res, input, weight, plan, groups, false, s);
  return mlx_conv2d(res, input, weight, stride_0, stride_1, padding_0, padding_1, dilation_0, dilation_1, groups, s);
}

int padded_conv3d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                  int stride_2, int padding_0, int padding_1, int padding_2, int dilation_0, int dilation_1,
                  int dilation_2, int groups, const mlx_stream s) {
  const Sizes padding{padding_0, padding_1, padding_2};
  const Plan plan{{stride_0, stride_1, stride_2}, padding, padding, {dilation_0, dilation_1, dilation_2}};
  if (overruns(tensor(input), tensor(weight), plan)) return convolve(res, input, weight, plan, groups, false, s);
  return mlx_conv3d(res, input, weight, stride_0, stride_1, stride_2, padding_0, padding_1, padding_2, dilation_0,
                    dilation_1, dilation_2, groups, s);
}

int padded_conv_general(mlx_array* res, const mlx_array input, const mlx_array weight, const int* stride,
                        size_t stride_num, const int* padding_lo, size_t padding_lo_num, const int* padding_hi,
                        size_t padding_hi_num, const int* kernel_dilation, size_t kernel_dilation_num,
                        const int* input_dilation, size_t input_dilation_num, int groups, bool flip,
                        const mlx_stream s) {
  // As in MLX one number stands for every axis.
  const size_t axes = tensor(input).ndim() < 2 ? 0 : tensor(input).ndim() - 2;
  const auto each = [axes](const int* list, size_t count) {
    return count == 1 ? Sizes(axes, list[0]) : Sizes(list, list + count);
  };
  const Plan plan{each(stride, stride_num), each(padding_lo, padding_lo_num), each(padding_hi, padding_hi_num),
                  each(kernel_dilation, kernel_dilation_num)};
  const bool complete = plan.stride.size() == axes && plan.before.size() == axes && plan.after.size() == axes &&
                        plan.dilation.size() == axes;
  const bool spread = std::any_of(input_dilation, input_dilation + input_dilation_num, [](int n) { return n != 1; });
  if (complete && !spread && overruns(tensor(input), tensor(weight), plan)) {
    return convolve(res, input, weight, plan, groups, flip, s);
  }
  return mlx_conv_general(res, input, weight, stride, stride_num, padding_lo, padding_lo_num, padding_hi,
                          padding_hi_num, kernel_dilation, kernel_dilation_num, input_dilation, input_dilation_num,
                          groups, flip, s);
}

int padded_conv_transpose1d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride, int padding,
                            int dilation, int output_padding, int groups, const mlx_stream s) {
  Plan plan;
  if (transposed_overruns(input, weight, {stride}, {padding}, {dilation}, {output_padding}, &plan)) {
    return convolve(res, input, weight, plan, groups, true, s);
  }
  return mlx_conv_transpose1d(res, input, weight, stride, padding, dilation, output_padding, groups, s);
}

int padded_conv_transpose2d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                            int padding_0, int padding_1, int dilation_0, int dilation_1, int output_padding_0,
                            int output_padding_1, int groups, const mlx_stream s) {
  Plan plan;
  if (transposed_overruns(input, weight, {stride_0, stride_1}, {padding_0, padding_1}, {dilation_0, dilation_1},
                          {output_padding_0, output_padding_1}, &plan)) {
    return convolve(res, input, weight, plan, groups, true, s);
  }
  return mlx_conv_transpose2d(res, input, weight, stride_0, stride_1, padding_0, padding_1, dilation_0, dilation_1,
                              output_padding_0, output_padding_1, groups, s);
}

int padded_conv_transpose3d(mlx_array* res, const mlx_array input, const mlx_array weight, int stride_0, int stride_1,
                            int stride_2, int padding_0, int padding_1, int padding_2, int dilation_0, int dilation_1,
                            int dilation_2, int output_padding_0, int output_padding_1, int output_padding_2,
                            int groups, const mlx_stream s) {
  Plan plan;
  if (transposed_overruns(input, weight, {stride_0, stride_1, stride_2}, {padding_0, padding_1, padding_2},
                          {dilation_0, dilation_1, dilation_2}, {output_padding_0, output_padding_1, output_padding_2},
                          &plan)) {
    return convolve(res, input, weight, plan, groups, true, s);
  }
  return mlx_conv_transpose3d(res, input, weight, stride_0, stride_1, stride_2, padding_0, padding_1, padding_2,
                              dilation_0, dilation_1, dilation_2, output_padding_0, output_padding_1, output_padding_2,
                              groups, s);
}
