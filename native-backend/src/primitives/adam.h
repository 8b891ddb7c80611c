#pragma once

#include <array>
#include <optional>

#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx_router {

/** The constants of a step. They are rounded to the dtype of the arrays after the arithmetic that Python does with
 * them. */
struct AdamConstants {
  double beta1;
  double beta2;
  double eps;
  /** 0: none. */
  double weight_decay;
};

/** What a step takes; the rate has no dimensions. */
struct AdamInputs {
  const mlx::core::array& parameter;
  const mlx::core::array& gradient;
  const mlx::core::array& m;
  const mlx::core::array& v;
  const mlx::core::array& rate;
};

/** The parameter, m and v after the step; nullopt where MLX's operations have to compute them. */
std::optional<std::array<mlx::core::array, 3>> whole_adam_step(const AdamInputs& inputs, const AdamConstants& constants,
                                                               mlx::core::Stream stream);

}  // namespace mlx_router
