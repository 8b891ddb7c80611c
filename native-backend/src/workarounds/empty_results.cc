#include "workarounds/empty_results.h"

#include <cstdint>
#include <vector>

#include "mlx/array.h"
#include "mlx/device.h"
#include "mlx/ops.h"

namespace mlx_router {
namespace {

namespace core = mlx::core;

void replace(core::array& array, mlx_stream s, bool is_view) {
  if (array.size() != 0) return;
  const core::Stream& stream = *static_cast<const core::Stream*>(s.ctx);
  // What is being traced stays in its graph, which derivatives walk.
  if (stream.device == core::Device::gpu) {
    if (!array.is_tracer()) array = core::array(static_cast<const uint8_t*>(nullptr), array.shape(), array.dtype());
  } else if (is_view) {
    array = core::contiguous(array, false, stream);
  }
}

}  // namespace

void replace_empty(mlx_array array, mlx_stream s, bool is_view) {
  replace(*static_cast<core::array*>(array.ctx), s, is_view);
}

void replace_empty(mlx_vector_array arrays, mlx_stream s, bool is_view) {
  for (auto& array : *static_cast<std::vector<core::array>*>(arrays.ctx)) replace(array, s, is_view);
}

}  // namespace mlx_router
