#include "operations/bind.h"

namespace mlx_router {

std::vector<Binding>& bindings() {
  // Filled by static initializers of other files, in any order.
  static std::vector<Binding> all;
  return all;
}

napi_value store_vector(Call& call, mlx_vector_array vector, size_t pinned, bool makes) {
  const size_t size = mlx_vector_array_size(vector);
  napi_value result;
  NAPI_TRY(call.env, napi_create_array_with_length(call.env, size, &result));
  for (size_t i = 0; i < size; i++) {
    mlx_array array = mlx_array_new();
    if (mlx_vector_array_get(&array, vector, i) != 0) {
      mlx_array_free(array);
      return throw_mlx(call.env);
    }
    napi_value slot;
    const int32_t code = call.environment->slots.put(array, pinned, call.heavy, makes);
    NAPI_TRY(call.env, napi_create_int32(call.env, code, &slot));
    NAPI_TRY(call.env, napi_set_element(call.env, result, i, slot));
  }
  return result;
}

}  // namespace mlx_router
