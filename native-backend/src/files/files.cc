#include <string>
#include <utility>

#include "files/reader.h"
#include "napi/arguments.h"
#include "napi/exports.h"

namespace mlx_router {
namespace {

struct ArrayMap {
  mlx_map_string_to_array value = mlx_map_string_to_array_new();
  ~ArrayMap() { mlx_map_string_to_array_free(value); }
};

struct TextMap {
  mlx_map_string_to_string value = mlx_map_string_to_string_new();
  ~TextMap() { mlx_map_string_to_string_free(value); }
};

bool read_bytes(const Call& call, napi_value value, std::string* bytes) {
  bool is_typed_array = false;
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_is_typedarray(call.env, value, &is_typed_array) != napi_ok || !is_typed_array ||
      napi_get_typedarray_info(call.env, value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return refuse(call, "a Uint8Array");
  }
  bytes->assign(static_cast<const char*>(data), length);
  return true;
}

// fileArrays(descriptor, header, count, label): the slots of the arrays "0", "1", … that the header, made by the
// caller as safetensors has it, finds in the file; the file's own header is never looked at. Values are read when they
// are computed, on the CPU, whatever the default device.
napi_value file_arrays(napi_env env, napi_callback_info info) {
  const Received<4> received(env, info);
  Call call{env, received.environment};
  int64_t descriptor = 0, count = 0;
  std::string header;
  TextArgument label;
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (!read_integer(call, received.values[0], 0, kMost, &descriptor) ||
      !read_bytes(call, received.values[1], &header) || !read_integer(call, received.values[2], 0, kMost, &count) ||
      !label.read(call, received.values[3])) {
    return nullptr;
  }
  const int32_t cpu = received.environment->device_stream(false);
  if (cpu < 0) return throw_mlx(env);
  const FileReader reader(static_cast<int>(descriptor), std::move(header), std::move(label.text));
  if (!reader.is_open()) return throw_argument(env, "the file's descriptor cannot be duplicated");
  ArrayMap map;
  TextMap metadata;
  MLX_TRY(env,
          mlx_load_safetensors_reader(&map.value, &metadata.value, reader.get(), received.environment->stream(cpu)));
  napi_value slots;
  NAPI_TRY(env, napi_create_array(env, &slots));
  for (int64_t i = 0; i < count; i++) {
    mlx_array array = mlx_array_new();
    if (mlx_map_string_to_array_get(&array, map.value, std::to_string(i).c_str()) != 0) {
      mlx_array_free(array);
      return throw_argument(env, "the header names fewer arrays than are asked for");
    }
    napi_value slot;
    NAPI_TRY(env, napi_create_int32(env, received.environment->slots.put(array), &slot));
    NAPI_TRY(env, napi_set_element(env, slots, static_cast<uint32_t>(i), slot));
  }
  return slots;
}

}  // namespace

napi_status export_files(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"fileArrays", file_arrays}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
