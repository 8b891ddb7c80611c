#include "workarounds/contiguous_views.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <vector>

#include "operations/compound.h"

namespace {

template <class Step>
bool runs_backwards(const Step* steps, size_t count) {
  return std::any_of(steps, steps + count, [](Step step) { return step < 0; });
}

// The result so far, in row-major order.
int copied(int failed, mlx_array* res, mlx_stream s) {
  return failed != 0 ? failed : mlx_contiguous(res, *res, false, s);
}

}  // namespace

int contiguous_slice(mlx_array* res, const mlx_array a, const int* start, size_t start_num, const int* stop,
                     size_t stop_num, const int* strides, size_t strides_num, const mlx_stream s) {
  const int failed = mlx_slice(res, a, start, start_num, stop, stop_num, strides, strides_num, s);
  return runs_backwards(strides, strides_num) ? copied(failed, res, s) : failed;
}

int contiguous_basic_index(mlx_array* res, const mlx_array a, const int* starts, size_t starts_num, const int* stops,
                           size_t stops_num, const int* steps, size_t steps_num, const int* squeezed,
                           size_t squeezed_num, const mlx_stream s) {
  const int failed =
      mlx_basic_index(res, a, starts, starts_num, stops, stops_num, steps, steps_num, squeezed, squeezed_num, s);
  return runs_backwards(steps, steps_num) ? copied(failed, res, s) : failed;
}

int contiguous_flip(mlx_array* res, const mlx_array a, const mlx_stream s) {
  std::vector<int> axes(mlx_array_ndim(a));
  std::iota(axes.begin(), axes.end(), 0);
  return contiguous_flip_axes(res, a, axes.data(), axes.size(), s);
}

int contiguous_flip_axis(mlx_array* res, const mlx_array a, int axis, const mlx_stream s) {
  return contiguous_flip_axes(res, a, &axis, 1, s);
}

int contiguous_flip_axes(mlx_array* res, const mlx_array a, const int* axes, size_t axes_num, const mlx_stream s) {
  // The derivatives and vmap of MLX take an axis of one element, once reversed, for an empty one.
  std::vector<int> longer;
  const int rank = static_cast<int>(mlx_array_ndim(a));
  std::copy_if(axes, axes + axes_num, std::back_inserter(longer), [&](int axis) {
    const bool exists = axis >= -rank && axis < rank;
    return !exists || mlx_array_dim(a, axis < 0 ? axis + rank : axis) != 1;
  });
  if (longer.empty()) return mlx_contiguous(res, a, false, s);
  return copied(mlx_flip_axes(res, a, longer.data(), longer.size(), s), res, s);
}

int contiguous_as_strided(mlx_array* res, const mlx_array a, const int* shape, size_t shape_num, const int64_t* strides,
                          size_t strides_num, size_t offset, const mlx_stream s) {
  const int failed = mlx_as_strided(res, a, shape, shape_num, strides, strides_num, offset, s);
  return runs_backwards(strides, strides_num) ? copied(failed, res, s) : failed;
}
