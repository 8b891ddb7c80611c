#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "mlx/array.h"
#include "mlx/dtype.h"
#include "mlx/stream.h"

// Some operations of MLX have a primitive for GPUs alone; on a CPU they are put together from up to twenty others. The
// primitives of this folder compute them as a whole, in the same order of arithmetic and with the same roundings.
namespace mlx_router {

/**
 * Whether a primitive of this folder may compute with these arrays: on a CPU, of a processor whose bits are known, and
 * where no transform follows the values, for these primitives have no derivatives and no names in an exported file.
 */
inline bool may_be_whole(const mlx::core::Stream& stream, std::initializer_list<const mlx::core::array*> inputs) {
#if defined(__linux__) && defined(__x86_64__)
  return stream.device == mlx::core::Device::cpu &&
         std::none_of(inputs.begin(), inputs.end(), [](const auto* input) { return input->is_tracer(); });
#else
  return false;
#endif
}

/** Calls `use` with a zero of the C++ type of a dtype that these primitives know; false for the others. */
template <typename Use>
bool with_number_type(mlx::core::Dtype dtype, Use use) {
  if (dtype == mlx::core::float32) return use(float{}), true;
  if (dtype == mlx::core::float16) return use(mlx::core::float16_t{}), true;
  if (dtype == mlx::core::bfloat16) return use(mlx::core::bfloat16_t{}), true;
  return false;
}

inline bool has_number_type(mlx::core::Dtype dtype) {
  return with_number_type(dtype, [](auto) {});
}

}  // namespace mlx_router
