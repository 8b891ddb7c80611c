#include "operations/views.h"

#include <vector>

#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx_router {

using mlx::core::array;

void view_at_once(mlx_array view) {
  auto& out = *static_cast<array*>(view.ctx);
  if (out.status() != array::Status::unscheduled || !out.has_primitive() || out.inputs().size() != 1) return;
  const array& in = out.inputs()[0];
  // Where a transform follows the values, it needs the graph. GPUs have their evaluation in other functions.
  if (in.status() != array::Status::available || out.is_tracer() ||
      out.primitive().device() != mlx::core::Device::cpu) {
    return;
  }
  std::vector<array> outputs{out};
  out.primitive().eval_cpu(out.inputs(), outputs);
  out.set_status(array::Status::available);
  out.detach();
}

}  // namespace mlx_router
