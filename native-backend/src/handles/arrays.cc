#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "evaluation/evaluation.h"
#include "evaluation/in_flight.h"
#include "handles/pages.h"
#include "napi/arguments.h"
#include "napi/exports.h"

namespace mlx_router {
namespace {

bool read_array(Call& call, napi_value value, ArrayArgument* array) {
  if (!array->read(call, value)) return false;
  if (array->slot == ArrayArgument::kNone) return refuse(call, "the slot of an array");
  // What it retains matters where arrays are made of it.
  array->array = call.environment->slots.get(array->slot);
  if (array->array.ctx != nullptr) return true;
  throw_disposed(call.env);
  return false;
}

napi_value put(Call& call, mlx_array array) {
  napi_value slot;
  NAPI_TRY(call.env, napi_create_int32(call.env, call.environment->slots.put(array), &slot));
  return slot;
}

struct Bytes {
  const uint8_t* data = nullptr;
  size_t length = 0;
};

bool read_bytes(const Call& call, napi_value value, Bytes* bytes) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(call.env, value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return refuse(call, "a Uint8Array");
  }
  *bytes = {static_cast<const uint8_t*>(data), length};
  return true;
}

// create(bytes, shape, dtype): copies the row-major bytes.
napi_value create(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  Bytes bytes;
  IntegersArgument<int> shape;
  DtypeArgument dtype;
  // The bytes last: reading the shape may run JavaScript, which may detach them.
  if (!shape.read(call, received.values[1]) || !dtype.read(call, received.values[2]) ||
      !read_bytes(call, received.values[0], &bytes)) {
    return nullptr;
  }
  size_t size = mlx_dtype_size(dtype.chosen);
  for (int extent : shape.items) {
    if (extent < 0) return throw_argument(env, "expected a shape without negative numbers");
    if (__builtin_mul_overflow(size, static_cast<size_t>(extent), &size)) {
      return throw_argument(env, "expected a shape whose bytes can be counted");
    }
  }
  if (size != bytes.length) {
    return throw_argument(env, "expected " + std::to_string(size) + " bytes for the shape and dtype, received " +
                                   std::to_string(bytes.length));
  }
  // An empty Uint8Array may have no address, which MLX would still pass to its copy.
  static const uint8_t kNothing[16] = {};
  const void* data = bytes.data == nullptr ? kNothing : bytes.data;
  const mlx_array array =
      mlx_array_new_data(data, shape.items.data(), static_cast<int>(shape.items.size()), dtype.chosen);
  if (array.ctx == nullptr) return throw_mlx(env);
  call.environment->slots.note_filled(size);
  return put(call, array);
}

// scalar(value, dtype): 0-d, from a number or a boolean; rounded once, from float64 to the dtype.
napi_value scalar(napi_env env, napi_callback_info info) {
  const Received<2> received(env, info);
  Call call{env, received.environment};
  FloatArgument<double> number;
  DtypeArgument dtype;
  if (!number.read(call, received.values[0]) || !dtype.read(call, received.values[1])) return nullptr;
  if (dtype.chosen == MLX_FLOAT32) return put(call, mlx_array_new_float32(static_cast<float>(number.number)));
  if (dtype.chosen == MLX_INT32) return put(call, mlx_array_new_int(static_cast<int>(number.number)));
  if (dtype.chosen == MLX_BOOL) return put(call, mlx_array_new_bool(number.number != 0));
  if (dtype.chosen == MLX_FLOAT64) return put(call, mlx_array_new_float64(number.number));
  return throw_argument(env, "expected float32, int32, bool or float64 for a scalar");
}

// dtype(slot): its code
napi_value dtype(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_array(call, received.values[0], &array)) return nullptr;
  napi_value code;
  NAPI_TRY(env, napi_create_int32(env, mlx_array_dtype(array.array), &code));
  return code;
}

// Arrays of more dimensions, which are rare, are described by a list.
constexpr size_t kMostDescribed = 15;

// describe(slot): the number of dimensions; the shape, and behind it the dtype, are in `description` then. With too
// many dimensions for that the list [...shape, dtype]: to make one costs several times as much.
napi_value describe(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_array(call, received.values[0], &array)) return nullptr;
  const size_t ndim = mlx_array_ndim(array.array);
  const int* shape = mlx_array_shape(array.array);
  const mlx_dtype dtype = mlx_array_dtype(array.array);
  napi_value result, item;
  if (ndim <= kMostDescribed) {
    int32_t* description = received.environment->description;
    std::copy_n(shape, ndim, description);
    description[ndim] = dtype;
    NAPI_TRY(env, napi_create_int32(env, static_cast<int32_t>(ndim), &result));
    return result;
  }
  NAPI_TRY(env, napi_create_array_with_length(env, ndim + 1, &result));
  for (size_t i = 0; i < ndim; i++) {
    NAPI_TRY(env, napi_create_int32(env, shape[i], &item));
    NAPI_TRY(env, napi_set_element(env, result, i, item));
  }
  NAPI_TRY(env, napi_create_int32(env, dtype, &item));
  NAPI_TRY(env, napi_set_element(env, result, ndim, item));
  return result;
}

napi_status export_description(napi_env env, napi_value target, Environment* environment) {
  constexpr size_t kLength = kMostDescribed + 1;
  void* data = nullptr;
  napi_value buffer, numbers;
  napi_ref kept;
  napi_status status = napi_create_arraybuffer(env, kLength * sizeof(int32_t), &data, &buffer);
  if (status == napi_ok) status = napi_create_typedarray(env, napi_int32_array, kLength, buffer, 0, &numbers);
  if (status == napi_ok) status = napi_set_named_property(env, target, "description", numbers);
  // Written to for as long as there is an environment, whatever becomes of the exports.
  if (status == napi_ok) status = napi_create_reference(env, buffer, 1, &kept);
  if (status == napi_ok) environment->description = static_cast<int32_t*>(data);
  return status;
}

// rowMajor(slot, apart): the slot of the same values in row-major order, the very slot if they are; the first step of
// reading. With `apart` a new one belongs to no scope.
napi_value row_major(napi_env env, napi_callback_info info) {
  const Received<2> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_array(call, received.values[0], &array)) return nullptr;
  if (mlx_array_size(array.array) == 0) return received.values[0];
  bool available = false, in_order = false;
  settle_failing();
  MLX_TRY(env, _mlx_array_is_available(&available, array.array));
  if (available) MLX_TRY(env, _mlx_array_is_row_contiguous(&in_order, array.array));
  if (in_order) return received.values[0];
  mlx_array result = mlx_array_new();
  // A GPU cannot even copy float64.
  const int32_t stream = mlx_array_dtype(array.array) == MLX_FLOAT64 ? call.environment->device_stream(false) : -1;
  if (mlx_contiguous(&result, array.array, false, call.environment->stream(stream)) != 0) {
    mlx_array_free(result);
    return throw_mlx(env);
  }
  bool apart = false;
  if (napi_get_value_bool(env, received.values[1], &apart) != napi_ok || !apart) return put(call, result);
  napi_value made;
  NAPI_TRY(env, napi_create_int32(env, call.environment->slots.put_apart(result), &made));
  return made;
}

// bytes(slot): a copy of the memory of an evaluated row-major array.
napi_value bytes(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_array(call, received.values[0], &array)) return nullptr;
  const Computed computed(call.environment, array.array);
  if (!computed.ok()) return nullptr;
  const size_t size = mlx_array_nbytes(computed.get());
  void* target = nullptr;
  napi_value buffer;
  NAPI_TRY(env, napi_create_arraybuffer(env, size, &target, &buffer));
  prefer_large_pages(target, size);
  if (size > 0) std::memcpy(target, mlx_array_data_uint8(computed.get()), size);
  return buffer;
}

float widen_float16(uint16_t bits) {
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  if (exponent == 0x1f) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

float widen_bfloat16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// item(slot): the one element as a number, a boolean or a bigint; undefined for complex64, and where there is not one.
napi_value item(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument argument;
  if (!read_array(call, received.values[0], &argument)) return nullptr;
  if (mlx_array_size(argument.array) != 1) return nullptr;
  const Computed computed(call.environment, argument.array);
  if (!computed.ok()) return nullptr;
  const mlx_array array = computed.get();
  napi_value result;
  double number;
  switch (mlx_array_dtype(array)) {
    case MLX_BOOL:
      NAPI_TRY(env, napi_get_boolean(env, *mlx_array_data_bool(array), &result));
      return result;
    case MLX_INT64:
      NAPI_TRY(env, napi_create_bigint_int64(env, *mlx_array_data_int64(array), &result));
      return result;
    case MLX_UINT64:
      NAPI_TRY(env, napi_create_bigint_uint64(env, *mlx_array_data_uint64(array), &result));
      return result;
    case MLX_UINT8:
      number = *mlx_array_data_uint8(array);
      break;
    case MLX_UINT16:
      number = *mlx_array_data_uint16(array);
      break;
    case MLX_UINT32:
      number = *mlx_array_data_uint32(array);
      break;
    case MLX_INT8:
      number = *mlx_array_data_int8(array);
      break;
    case MLX_INT16:
      number = *mlx_array_data_int16(array);
      break;
    case MLX_INT32:
      number = *mlx_array_data_int32(array);
      break;
    case MLX_FLOAT16:
      number = widen_float16(*mlx_array_data_uint16(array));
      break;
    case MLX_BFLOAT16:
      number = widen_bfloat16(*mlx_array_data_uint16(array));
      break;
    case MLX_FLOAT32:
      number = *mlx_array_data_float32(array);
      break;
    case MLX_FLOAT64:
      number = *mlx_array_data_float64(array);
      break;
    default:
      return nullptr;
  }
  NAPI_TRY(env, napi_create_double(env, number, &result));
  return result;
}

napi_value text(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArrayArgument array;
  if (!read_array(call, received.values[0], &array)) return nullptr;
  // MLX would evaluate it by itself, and on a second look print uninitialised memory for what failed.
  const Computed computed(call.environment, array.array);
  if (!computed.ok()) return nullptr;
  mlx_string string = mlx_string_new();
  if (mlx_array_tostring(&string, computed.get()) != 0) {
    mlx_string_free(string);
    return throw_mlx(env);
  }
  napi_value result;
  const napi_status status = napi_create_string_utf8(env, mlx_string_data(string), NAPI_AUTO_LENGTH, &result);
  mlx_string_free(string);
  NAPI_TRY(env, status);
  return result;
}

}  // namespace

napi_status export_arrays(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"create", create},      {"scalar", scalar}, {"dtype", dtype}, {"describe", describe},
                        {"rowMajor", row_major}, {"bytes", bytes},   {"item", item},   {"text", text}};
  const napi_status status = export_description(env, target, environment);
  return status == napi_ok ? set_exports(env, target, environment, all, std::size(all)) : status;
}

}  // namespace mlx_router
