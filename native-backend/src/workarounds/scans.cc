#include "workarounds/scans.h"

#include <limits>

#include "mlx/ops.h"
#include "operations/c_functions.h"

namespace mx = mlx::core;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// A scan of the elements with the weakest number in place of NaN, and NaN in the result from the first one on. `latest`
// is a running maximum in the same direction.
template <class Scan, class Latest>
int nan_safe(mlx_array* res, mlx_array given, float weakest, mlx_stream s, Scan scan, Latest latest) {
  return mlx_router::guarded([&] {
    const mx::Stream& stream = mlx_router::stream_of(s);
    const mx::array& a = mlx_router::tensor(given);
    mx::array result = [&] {
      if (!mx::issubdtype(a.dtype(), mx::floating)) return scan(a, stream);
      const mx::array nan = mx::isnan(a, stream);
      const mx::array scanned = scan(mx::where(nan, mx::array(weakest, a.dtype()), a, stream), stream);
      const mx::array after = mx::greater(latest(mx::astype(nan, mx::int32, stream), stream), mx::array(0), stream);
      return mx::where(after, mx::array(kNaN, a.dtype()), scanned, stream);
    }();
    return mlx_array_set(res, mlx_array{&result});
  });
}

}  // namespace

#define MLX_NAN_SAFE_SCANS(name, weakest)                                                                            \
  int nan_safe_##name(mlx_array* res, const mlx_array a, bool reverse, bool inclusive, const mlx_stream s) {         \
    return nan_safe(                                                                                                 \
        res, a, weakest, s,                                                                                          \
        [&](const mx::array& x, const mx::Stream& stream) { return mx::name(x, reverse, inclusive, stream); },       \
        [&](const mx::array& x, const mx::Stream& stream) { return mx::cummax(x, reverse, inclusive, stream); });    \
  }                                                                                                                  \
  int nan_safe_##name##_axis(mlx_array* res, const mlx_array a, int axis, bool reverse, bool inclusive,              \
                             const mlx_stream s) {                                                                   \
    return nan_safe(                                                                                                 \
        res, a, weakest, s,                                                                                          \
        [&](const mx::array& x, const mx::Stream& stream) { return mx::name(x, axis, reverse, inclusive, stream); }, \
        [&](const mx::array& x, const mx::Stream& stream) {                                                          \
          return mx::cummax(x, axis, reverse, inclusive, stream);                                                    \
        });                                                                                                          \
  }
MLX_NAN_SAFE_SCANS(cummax, -kInfinity)
MLX_NAN_SAFE_SCANS(cummin, kInfinity)
