#include "evaluation/evaluation.h"
#include "napi/arguments.h"
#include "napi/exports.h"

// Raw memory of evaluated arrays, for `mlx-router/unsafe` alone.
namespace mlx_router {
namespace {

// Evaluates the array in the slot; false with an error thrown where its elements do not lie in row-major order.
bool read_rows(Call& call, napi_value value, ArrayArgument* array) {
  if (!array->read(call, value) || !array->resolve(call)) return false;
  if (array->slot == ArrayArgument::kNone) return refuse(call, "the slot of an array");
  const Computed computed(call.environment, array->array);
  if (!computed.ok()) return false;
  bool in_rows = false;
  if (_mlx_array_is_row_contiguous(&in_rows, computed.get()) != 0) {
    throw_mlx(call.env);
    return false;
  }
  return in_rows || refuse(call, "an array whose elements lie in row-major order: take mx.contiguous of it");
}

// address(slot): the address of the first element, as a bigint.
napi_value address(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_rows(call, received.values[0], &array)) return nullptr;
  const auto place = reinterpret_cast<uintptr_t>(mlx_array_data_uint8(array.array));
  napi_value result;
  NAPI_TRY(env, napi_create_bigint_uint64(env, place, &result));
  return result;
}

// memory(slot): an ArrayBuffer over the array's own memory, which holds a reference to the array.
napi_value memory(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_rows(call, received.values[0], &array)) return nullptr;
  napi_value buffer;
  const size_t size = mlx_array_nbytes(array.array);
  if (size == 0) {
    void* nothing;
    NAPI_TRY(env, napi_create_arraybuffer(env, 0, &nothing, &buffer));
    return buffer;
  }
  mlx_array kept = mlx_array_new();
  if (mlx_array_set(&kept, array.array) != 0) {
    mlx_array_free(kept);
    return throw_mlx(env);
  }
  void* const data = const_cast<uint8_t*>(mlx_array_data_uint8(kept));
  const auto release = [](node_api_basic_env, void*, void* context) { mlx_array_free(mlx_array{context}); };
  const napi_status status = napi_create_external_arraybuffer(env, data, size, release, kept.ctx, &buffer);
  if (status == napi_ok) return buffer;
  mlx_array_free(kept);
  return throw_argument(env, "this runtime takes no ArrayBuffer over memory that it did not allocate");
}

}  // namespace

napi_status export_memory_view(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"address", address}, {"memory", memory}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
