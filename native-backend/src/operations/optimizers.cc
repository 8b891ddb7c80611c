#include <utility>

#include "mlx/ops.h"
#include "operations/bind.h"
#include "operations/c_functions.h"
#include "primitives/adam.h"

namespace {

using mlx::core::array;
using mlx::core::StreamOrDevice;
using mlx_router::AdamConstants;
using mlx_router::AdamInputs;

/** The same by MLX's operations; the rate has the dtype of the gradient. A constant has the dtype of what it stands
 * beside, as a number in Python has. */
std::array<array, 3> adam_step_by_operations(const AdamInputs& inputs, const AdamConstants& constants,
                                             StreamOrDevice s) {
  using namespace mlx::core;
  const auto beside = [](double number, const array& other) {
    if (other.dtype() == float64) return array(number, float64);
    return array(static_cast<float>(number), issubdtype(other.dtype(), inexact) ? other.dtype() : float32);
  };
  const auto& [beta1, beta2, eps, weight_decay] = constants;
  const array& rate = inputs.rate;
  array parameter = inputs.parameter;
  if (weight_decay != 0) {
    const array decay = multiply(rate, beside(weight_decay, rate), s);
    parameter = multiply(parameter, subtract(beside(1, decay), decay, s), s);
  }
  const array& gradient = inputs.gradient;
  const array m =
      add(multiply(beside(beta1, inputs.m), inputs.m, s), multiply(beside(1 - beta1, gradient), gradient, s), s);
  const array squared = square(gradient, s);
  const array v =
      add(multiply(beside(beta2, inputs.v), inputs.v, s), multiply(beside(1 - beta2, squared), squared, s), s);
  const array root = sqrt(v, s);
  const array change = divide(multiply(rate, m, s), add(root, beside(eps, root), s), s);
  return {subtract(parameter, change, s), m, v};
}

int adam_step(mlx_array* parameter_res, mlx_array* m_res, mlx_array* v_res, const mlx_array parameter,
              const mlx_array gradient, const mlx_array m, const mlx_array v, const mlx_array rate, double beta1,
              double beta2, double eps, double weight_decay, const mlx_stream s) {
  using mlx_router::stream_of;
  using mlx_router::tensor;
  return mlx_router::guarded([&] {
    const array own_rate = mlx::core::astype(tensor(rate), tensor(gradient).dtype(), stream_of(s));
    const AdamInputs inputs{tensor(parameter), tensor(gradient), tensor(m), tensor(v), own_rate};
    const AdamConstants constants{beta1, beta2, eps, weight_decay};
    auto results = mlx_router::whole_adam_step(inputs, constants, stream_of(s));
    if (!results) results = adam_step_by_operations(inputs, constants, stream_of(s));
    auto& [next, next_m, next_v] = *results;
    if (mlx_array_set(parameter_res, mlx_array{&next}) != 0) return 1;
    if (mlx_array_set(m_res, mlx_array{&next_m}) != 0) return 1;
    return mlx_array_set(v_res, mlx_array{&next_v});
  });
}

}  // namespace

MLX_BIND(adam_step, fast_adam_step, kNone);
