#include "workarounds/clamped_indices.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "mlx/ops.h"
#include "operations/c_functions.h"
#include "transforms/shapeless.h"

namespace mx = mlx::core;

using mlx_router::guarded;
using mlx_router::stream_of;
using mlx_router::tensor;

namespace {

mlx_array borrowed(const mx::array& array) { return {const_cast<mx::array*>(&array)}; }

// Checking more than this costs more than the two operations that clamp them.
constexpr size_t kMostChecked = 1 << 14;

struct Range {
  int64_t low;
  int64_t high;
};

template <class Type>
bool all_within(const mx::array& indices, Range range) {
  const Type* numbers = indices.data<Type>();
  return std::all_of(numbers, numbers + indices.size(), [range](Type number) {
    if constexpr (std::is_unsigned_v<Type>) return static_cast<uint64_t>(number) <= static_cast<uint64_t>(range.high);
    return number >= range.low && number <= range.high;
  });
}

bool all_within(const mx::array& indices, Range range) {
  switch (indices.dtype()) {
    case mx::uint8:
      return all_within<uint8_t>(indices, range);
    case mx::uint16:
      return all_within<uint16_t>(indices, range);
    case mx::uint32:
      return all_within<uint32_t>(indices, range);
    case mx::uint64:
      return all_within<uint64_t>(indices, range);
    case mx::int8:
      return all_within<int8_t>(indices, range);
    case mx::int16:
      return all_within<int16_t>(indices, range);
    case mx::int32:
      return all_within<int32_t>(indices, range);
    case mx::int64:
      return all_within<int64_t>(indices, range);
    default:
      return false;
  }
}

// Indices that are evaluated already, as those from JavaScript are, need no operation where none of them is wrong.
bool known_within(const mx::array& indices, Range range, const mx::Stream& s) {
  return s.device == mx::Device::cpu && indices.size() <= kMostChecked && indices.is_available() &&
         indices.flags().row_contiguous && all_within(indices, range);
}

bool is_unsigned(mx::Dtype dtype) { return mx::issubdtype(dtype, mx::unsignedinteger); }

Range range_of(mx::Dtype dtype) {
  const int bits = 8 * static_cast<int>(mx::size_of(dtype));
  const int64_t most = std::numeric_limits<int64_t>::max();
  if (is_unsigned(dtype)) return {0, bits == 64 ? most : most >> (63 - bits)};
  return {-(most >> (64 - bits)) - 1, most >> (64 - bits)};
}

enum class Negative { kFromEnd, kNone };

// Indices into all the elements along the axes together; `beyond` more are in range at the end.
mx::array clamped(const mx::array& indices, const mx::array& of, const std::vector<int>& axes, Negative negative,
                  const mx::Stream& s, int64_t beyond = 0) {
  // What MLX refuses by itself.
  if (!mx::issubdtype(indices.dtype(), mx::integer) || indices.size() == 0) return indices;
  int64_t count = 1;
  for (int axis : axes) {
    const int ndim = static_cast<int>(of.ndim());
    if (axis < -ndim || axis >= ndim) return indices;
    count *= of.shape(axis);
  }
  if (count == 0 && beyond == 0) return indices;
  const bool from_end = negative == Negative::kFromEnd;
  if (mlx_router::ShapelessTrace::under_way()) {
    // The extents of this call are not those of the next.
    const mx::Dtype wide = mx::size_of(indices.dtype()) < 4 ? mx::int32 : indices.dtype();
    const mx::array extent = mx::number_of_elements(of, axes, false, wide, s);
    const mx::array last = mx::subtract(extent, mx::array(1 - beyond, wide), s);
    const mx::array below = mx::minimum(mx::astype(indices, wide, s), last, s);
    if (is_unsigned(wide)) return below;
    return mx::maximum(below, from_end ? mx::negative(extent, s) : mx::array(0, wide), s);
  }
  const Range range{from_end ? -count : 0, count - 1 + beyond};
  if (known_within(indices, range, s)) return indices;
  const Range holds = range_of(indices.dtype());
  mx::array result = indices;
  if (range.high < holds.high) result = mx::minimum(result, mx::array(range.high, indices.dtype()), s);
  if (range.low > holds.low) result = mx::maximum(result, mx::array(range.low, indices.dtype()), s);
  return result;
}

std::vector<int> all_axes(const mx::array& of, int but_last = 0) {
  std::vector<int> axes;
  for (int axis = 0; axis < static_cast<int>(of.ndim()) - but_last; axis++) axes.push_back(axis);
  return axes;
}

// Where a block of `size` may start along each of the axes.
mx::array clamped_start(const mx::array& start, const mx::array& of, const int* axes, size_t count, const int* size,
                        size_t sizes, const mx::Stream& s) {
  if (!mx::issubdtype(start.dtype(), mx::integer) || start.size() != count) return start;
  if (sizes != of.ndim()) return start;
  const int ndim = static_cast<int>(of.ndim());
  std::vector<int32_t> last;
  for (size_t i = 0; i < count; i++) {
    if (axes[i] < -ndim || axes[i] >= ndim) return start;
    const int axis = axes[i] < 0 ? axes[i] + ndim : axes[i];
    if (size[axis] > of.shape(axis)) return start;
    last.push_back(of.shape(axis) - size[axis]);
  }
  const mx::array high(last.begin(), start.shape(), mx::int32);
  const mx::Dtype wide = mx::size_of(start.dtype()) == 8 ? start.dtype() : mx::int64;
  const mx::array below = mx::minimum(mx::astype(start, wide, s), mx::astype(high, wide, s), s);
  return mx::astype(mx::maximum(below, mx::array(0, wide), s), mx::int32, s);
}

// Indices that may be absent, into the batches before the matrices of a tensor.
class Batches {
 public:
  Batches(mlx_array indices, mlx_array of, mlx_stream s) : given_(indices) {
    if (indices.ctx == nullptr || tensor(of).ndim() < 2) return;
    clamped_ = clamped(tensor(indices), tensor(of), all_axes(tensor(of), 2), Negative::kNone, stream_of(s));
  }
  mlx_array get() const { return clamped_ ? borrowed(*clamped_) : given_; }

 private:
  mlx_array given_;
  std::optional<mx::array> clamped_;
};

template <class Call>
int with_places(mlx_array a, mlx_vector_array indices, const int* axes, size_t count, mlx_stream s, Call call) {
  return guarded([&] {
    auto places = *static_cast<const std::vector<mx::array>*>(indices.ctx);
    if (places.size() == count) {
      for (size_t i = 0; i < count; i++) {
        places[i] = clamped(places[i], tensor(a), {axes[i]}, Negative::kFromEnd, stream_of(s));
      }
    }
    return call(mlx_vector_array{&places});
  });
}

// Calls with the indices clamped to the axes of a tensor.
template <class Call>
int with_indices(mlx_array indices, mlx_array of, const std::vector<int>& axes, mlx_stream s, Call call) {
  return guarded([&] {
    const auto places = clamped(tensor(indices), tensor(of), axes, Negative::kFromEnd, stream_of(s));
    return call(borrowed(places));
  });
}

}  // namespace

int clamped_take(mlx_array* res, const mlx_array a, const mlx_array indices, const mlx_stream s) {
  return with_indices(indices, a, all_axes(tensor(a)), s,
                      [&](mlx_array places) { return mlx_take(res, a, places, s); });
}

int clamped_take_axis(mlx_array* res, const mlx_array a, const mlx_array indices, int axis, const mlx_stream s) {
  return with_indices(indices, a, {axis}, s, [&](mlx_array places) { return mlx_take_axis(res, a, places, axis, s); });
}

int clamped_take_along_axis(mlx_array* res, const mlx_array a, const mlx_array indices, int axis, const mlx_stream s) {
  return with_indices(indices, a, {axis}, s,
                      [&](mlx_array places) { return mlx_take_along_axis(res, a, places, axis, s); });
}

int clamped_put_along_axis(mlx_array* res, const mlx_array a, const mlx_array indices, const mlx_array values, int axis,
                           const mlx_stream s) {
  return with_indices(indices, a, {axis}, s,
                      [&](mlx_array places) { return mlx_put_along_axis(res, a, places, values, axis, s); });
}

int clamped_gather(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const int* axes, size_t axes_num,
                   const int* slice_sizes, size_t slice_sizes_num, const mlx_stream s) {
  return with_places(a, indices, axes, axes_num, s, [&](mlx_vector_array places) {
    return mlx_gather(res, a, places, axes, axes_num, slice_sizes, slice_sizes_num, s);
  });
}

#define MLX_CLAMPED_SCATTER(name)                                                                                \
  int clamped_##name(mlx_array* res, const mlx_array a, const mlx_vector_array indices, const mlx_array updates, \
                     const int* axes, size_t axes_num, const mlx_stream s) {                                     \
    return with_places(a, indices, axes, axes_num, s, [&](mlx_vector_array places) {                             \
      return mlx_##name(res, a, places, updates, axes, axes_num, s);                                             \
    });                                                                                                          \
  }
MLX_CLAMPED_SCATTER(scatter)
MLX_CLAMPED_SCATTER(scatter_add)
MLX_CLAMPED_SCATTER(scatter_prod)
MLX_CLAMPED_SCATTER(scatter_max)
MLX_CLAMPED_SCATTER(scatter_min)

int clamped_slice_dynamic(mlx_array* res, const mlx_array a, const mlx_array start, const int* axes, size_t axes_num,
                          const int* slice_size, size_t slice_size_num, const mlx_stream s) {
  return guarded([&] {
    const auto first =
        clamped_start(tensor(start), tensor(a), axes, axes_num, slice_size, slice_size_num, stream_of(s));
    return mlx_slice_dynamic(res, a, borrowed(first), axes, axes_num, slice_size, slice_size_num, s);
  });
}

int clamped_slice_update_dynamic(mlx_array* res, const mlx_array src, const mlx_array update, const mlx_array start,
                                 const int* axes, size_t axes_num, const mlx_stream s) {
  return guarded([&] {
    const auto& size = tensor(update).shape();
    const auto first =
        clamped_start(tensor(start), tensor(src), axes, axes_num, size.data(), size.size(), stream_of(s));
    return mlx_slice_update_dynamic(res, src, update, borrowed(first), axes, axes_num, s);
  });
}

int clamped_gather_mm(mlx_array* res, const mlx_array a, const mlx_array b, const mlx_array lhs_indices,
                      const mlx_array rhs_indices, bool sorted_indices, const mlx_stream s) {
  return guarded([&] {
    const Batches left(lhs_indices, a, s), right(rhs_indices, b, s);
    return mlx_gather_mm(res, a, b, left.get(), right.get(), sorted_indices, s);
  });
}

int clamped_gather_qmm(mlx_array* res, const mlx_array x, const mlx_array w, const mlx_array scales,
                       const mlx_array biases, const mlx_array lhs_indices, const mlx_array rhs_indices, bool transpose,
                       mlx_optional_int group_size, mlx_optional_int bits, const char* mode, bool sorted_indices,
                       const mlx_stream s) {
  return guarded([&] {
    const Batches left(lhs_indices, x, s), right(rhs_indices, w, s);
    return mlx_gather_qmm(res, x, w, scales, biases, left.get(), right.get(), transpose, group_size, bits, mode,
                          sorted_indices, s);
  });
}

int clamped_gather_qqmm(mlx_array* res, const mlx_array x, const mlx_array w, const mlx_array scales_w,
                        const mlx_array lhs_indices, const mlx_array rhs_indices, mlx_optional_int group_size,
                        mlx_optional_int bits, const char* mode, const mlx_array global_scale_x,
                        const mlx_array global_scale_w, bool sorted_indices, const mlx_stream s) {
  return guarded([&] {
    const Batches left(lhs_indices, x, s), right(rhs_indices, w, s);
    return mlx_gather_qqmm(res, x, w, scales_w, left.get(), right.get(), group_size, bits, mode, global_scale_x,
                           global_scale_w, sorted_indices, s);
  });
}

int clamped_segmented_mm(mlx_array* res, const mlx_array a, const mlx_array b, const mlx_array segments,
                         const mlx_stream s) {
  return guarded([&] {
    // Segments end behind their last column.
    const auto places = clamped(tensor(segments), tensor(a), {-1}, Negative::kNone, stream_of(s), 1);
    return mlx_segmented_mm(res, a, b, borrowed(places), s);
  });
}

int clamped_fast_cross_entropy(mlx_array* res, const mlx_array logits, const mlx_array targets, const mlx_stream s) {
  return with_indices(targets, logits, {-1}, s,
                      [&](mlx_array places) { return mlx_fast_cross_entropy(res, logits, places, s); });
}
