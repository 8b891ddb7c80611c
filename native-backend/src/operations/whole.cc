#include "operations/whole.h"

#include <optional>
#include <utility>

#include "operations/c_functions.h"
#include "primitives/rotary.h"
#include "primitives/row_norms.h"

namespace {

using mlx::core::array;
using mlx_router::stream_of;
using mlx_router::tensor;

std::optional<array> optional_tensor(mlx_array a) { return a.ctx == nullptr ? std::nullopt : std::optional(tensor(a)); }

/** What `whole` gives, or else what mlx-c does. */
template <typename Whole, typename Otherwise>
int either(mlx_array* res, Whole whole, Otherwise otherwise) {
  return mlx_router::guarded([&] {
    std::optional<array> result = whole();
    return result ? mlx_array_set(res, mlx_array{&*result}) : otherwise();
  });
}

int rope(mlx_array* res, mlx_array x, const mlx_router::Rotation& rotation, const array& offset, mlx_array freqs,
         mlx_stream s, auto otherwise) {
  return either(
      res, [&] { return mlx_router::whole_rope(tensor(x), rotation, offset, optional_tensor(freqs), stream_of(s)); },
      otherwise);
}

std::optional<float> optional_number(mlx_optional_float number) {
  return number.has_value ? std::optional(number.value) : std::nullopt;
}

}  // namespace

int whole_fast_rms_norm(mlx_array* res, const mlx_array x, const mlx_array weight, float eps, const mlx_stream s) {
  return either(
      res, [&] { return mlx_router::whole_rms_norm(tensor(x), optional_tensor(weight), eps, stream_of(s)); },
      [&] { return mlx_fast_rms_norm(res, x, weight, eps, s); });
}

int whole_fast_layer_norm(mlx_array* res, const mlx_array x, const mlx_array weight, const mlx_array bias, float eps,
                          const mlx_stream s) {
  return either(
      res,
      [&] {
        return mlx_router::whole_layer_norm(tensor(x), optional_tensor(weight), optional_tensor(bias), eps,
                                            stream_of(s));
      },
      [&] { return mlx_fast_layer_norm(res, x, weight, bias, eps, s); });
}

int whole_fast_rope(mlx_array* res, const mlx_array x, int dims, bool traditional, mlx_optional_float base, float scale,
                    int offset, const mlx_array freqs, const mlx_stream s) {
  return rope(res, x, {dims, traditional, optional_number(base), scale}, array(offset), freqs, s,
              [&] { return mlx_fast_rope(res, x, dims, traditional, base, scale, offset, freqs, s); });
}

int whole_fast_rope_dynamic(mlx_array* res, const mlx_array x, int dims, bool traditional, mlx_optional_float base,
                            float scale, const mlx_array offset, const mlx_array freqs, const mlx_stream s) {
  return rope(res, x, {dims, traditional, optional_number(base), scale}, tensor(offset), freqs, s,
              [&] { return mlx_fast_rope_dynamic(res, x, dims, traditional, base, scale, offset, freqs, s); });
}
