#include "operations/simple_index.h"

#include <algorithm>
#include <vector>

#include "mlx/c/error.h"
#include "operations/compound.h"

namespace {

int refuse(const char* message) {
  mlx_error(message);
  return 1;
}

}  // namespace

int simple_integer_index(mlx_array* res, const mlx_array a, const int* index, size_t index_num, const mlx_stream s) {
  if (index_num > mlx_array_ndim(a)) return refuse("Too many indices.");
  std::vector<int> starts, stops, axes;
  for (size_t axis = 0; axis < index_num; axis++) {
    const int size = mlx_array_dim(a, static_cast<int>(axis));
    if (index[axis] < -size || index[axis] >= size) return refuse("Index out of bounds.");
    starts.push_back(index[axis] < 0 ? index[axis] + size : index[axis]);
    stops.push_back(starts.back() + 1);
    axes.push_back(static_cast<int>(axis));
  }
  const std::vector<int> steps(index_num, 1);
  return mlx_basic_index(res, a, starts.data(), index_num, stops.data(), index_num, steps.data(), index_num,
                         axes.data(), index_num, s);
}

int simple_range_index(mlx_array* res, const mlx_array a, int start, int stop, const mlx_stream s) {
  if (mlx_array_ndim(a) == 0) return refuse("Too many indices.");
  const int size = mlx_array_dim(a, 0);
  const auto place = [size](int bound) { return std::clamp(bound < 0 ? bound + size : bound, 0, size); };
  const int step = 1;
  int first = place(start), last = place(stop);
  if (first >= last) first = last = 0;
  return mlx_basic_index(res, a, &first, 1, &last, 1, &step, 1, nullptr, 0, s);
}
