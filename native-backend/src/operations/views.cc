#include "operations/views.h"

#include <string_view>
#include <vector>

#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx_router {

using mlx::core::array;

namespace {

// An operation that has nothing to do, such as a broadcast to the same shape, returns its argument: what made that
// argument may be any operation, and its kernel would run on another thread.
bool only_views(const mlx::core::Primitive& primitive) {
  const std::string_view name = primitive.name();
  return name == "Transpose" || name == "Broadcast" || name == "ExpandDims" || name == "Squeeze";
}

}  // namespace

void view_at_once(mlx_array view) {
  auto& out = *static_cast<array*>(view.ctx);
  if (out.status() != array::Status::unscheduled || !out.has_primitive() || out.inputs().size() != 1) return;
  const array& in = out.inputs()[0];
  // Where a transform follows the values, it needs the graph.
  if (in.status() != array::Status::available || out.is_tracer() || !only_views(out.primitive())) return;
  std::vector<array> outputs{out};
  auto& primitive = out.primitive();
  if (primitive.device() == mlx::core::Device::cpu) {
    primitive.eval_cpu(out.inputs(), outputs);
  } else {
    primitive.eval_gpu(out.inputs(), outputs);
  }
  out.set_status(array::Status::available);
  out.detach();
}

}  // namespace mlx_router
