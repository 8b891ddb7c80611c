#include "operations/simple_index.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/c/error.h"
#include "mlx/ops.h"

namespace {

namespace core = mlx::core;

int refuse(const char* message) {
  mlx_error(message);
  return 1;
}

// What the function gives, written to `res` as mlx-c writes results.
template <class Make>
int give(mlx_array* res, Make make) {
  try {
    core::array made = make();
    if (res->ctx != nullptr) {
      *static_cast<core::array*>(res->ctx) = std::move(made);
    } else {
      res->ctx = new core::array(std::move(made));
    }
    return 0;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace

int simple_integer_index(mlx_array* res, const mlx_array a, const int* index, size_t index_num, const mlx_stream s) {
  const auto& array = *static_cast<const core::array*>(a.ctx);
  const auto& stream = *static_cast<const core::Stream*>(s.ctx);
  if (index_num > array.ndim()) return refuse("Too many indices.");
  core::Shape starts(array.ndim(), 0), stops = array.shape();
  for (size_t axis = 0; axis < index_num; axis++) {
    const int size = array.shape(static_cast<int>(axis));
    if (index[axis] < -size || index[axis] >= size) return refuse("Index out of bounds.");
    starts[axis] = index[axis] < 0 ? index[axis] + size : index[axis];
    stops[axis] = starts[axis] + 1;
  }
  return give(res, [&] {
    const core::array part = core::slice(array, starts, stops, stream);
    if (index_num == 1) return core::squeeze(part, 0, stream);
    std::vector<int> axes(index_num);
    std::iota(axes.begin(), axes.end(), 0);
    return core::squeeze(part, axes, stream);
  });
}

int simple_range_index(mlx_array* res, const mlx_array a, int start, int stop, const mlx_stream s) {
  const auto& array = *static_cast<const core::array*>(a.ctx);
  if (array.ndim() == 0) return refuse("Too many indices.");
  const int size = array.shape(0);
  const auto place = [size](int bound) { return std::clamp(bound < 0 ? bound + size : bound, 0, size); };
  core::Shape starts(array.ndim(), 0), stops = array.shape();
  starts[0] = place(start);
  stops[0] = place(stop);
  if (starts[0] >= stops[0]) starts[0] = stops[0] = 0;
  return give(res, [&] { return core::slice(array, starts, stops, *static_cast<const core::Stream*>(s.ctx)); });
}
