#include "operations/compound.h"

#include <string>
#include <vector>

#include "mlx/c/error.h"

namespace {

struct Array {
  mlx_array value = mlx_array_new();
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { mlx_array_free(value); }
};

}  // namespace

int mlx_basic_index(mlx_array* res, const mlx_array a, const int* starts, size_t starts_num, const int* stops,
                    size_t stops_num, const int* steps, size_t steps_num, const int* squeezed, size_t squeezed_num,
                    const mlx_stream s) {
  const size_t ndim = mlx_array_ndim(a);
  if (starts_num > ndim || stops_num != starts_num || steps_num != starts_num) {
    mlx_error(("Too many indices for array with " + std::to_string(ndim) + " dimensions.").c_str());
    return 1;
  }
  const int* shape = mlx_array_shape(a);
  std::vector<int> start(starts, starts + starts_num), stop(stops, stops + starts_num), step(steps, steps + starts_num);
  for (size_t axis = starts_num; axis < ndim; axis++) {
    start.push_back(0);
    stop.push_back(shape[axis]);
    step.push_back(1);
  }
  if (squeezed_num == 0) return mlx_slice(res, a, start.data(), ndim, stop.data(), ndim, step.data(), ndim, s);
  Array cut;
  const int failed = mlx_slice(&cut.value, a, start.data(), ndim, stop.data(), ndim, step.data(), ndim, s);
  return failed != 0 ? failed : mlx_squeeze_axes(res, cut.value, squeezed, squeezed_num, s);
}
