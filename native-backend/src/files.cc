#include "arguments.h"
#include "exports.h"

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

bool read_texts(const Call& call, napi_value value, std::vector<std::string>* texts) {
  uint32_t length;
  if (!list_length(call, value, &length)) return refuse(call, "a list of strings");
  texts->resize(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    if (napi_get_element(call.env, value, i, &item) != napi_ok || !read_text(call, item, &(*texts)[i])) return false;
  }
  return true;
}

// saveSafetensors(file, names, slots, metadataKeys, metadataValues)
napi_value save_safetensors(napi_env env, napi_callback_info info) {
  const Received<5> received(env, info);
  Call call{env, received.environment};
  TextArgument file;
  ArraysArgument arrays;
  std::vector<std::string> names, keys, values;
  if (!file.read(call, received.values[0]) || !read_texts(call, received.values[1], &names) ||
      !arrays.read(call, received.values[2]) || !read_texts(call, received.values[3], &keys) ||
      !read_texts(call, received.values[4], &values) || !arrays.resolve(call)) {
    return nullptr;
  }
  if (names.size() != arrays.items.size() || keys.size() != values.size()) {
    return throw_argument(env, "expected as many names as values");
  }
  const ArrayMap map;
  for (size_t i = 0; i < names.size(); i++) {
    MLX_TRY(env, mlx_map_string_to_array_insert(map.value, names[i].c_str(), arrays.items[i].array));
  }
  const TextMap metadata;
  for (size_t i = 0; i < keys.size(); i++) {
    MLX_TRY(env, mlx_map_string_to_string_insert(metadata.value, keys[i].c_str(), values[i].c_str()));
  }
  MLX_TRY(env, mlx_save_safetensors(file.text.c_str(), map.value, metadata.value));
  return nullptr;
}

napi_value text_value(napi_env env, const char* text) {
  napi_value result;
  NAPI_TRY(env, napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result));
  return result;
}

// loadSafetensors(file): { names, slots, metadata }. Files are read on the CPU, whatever the default device.
napi_value load_safetensors(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  TextArgument file;
  if (!file.read(call, received.values[0])) return nullptr;
  const int32_t cpu = received.environment->device_stream(false);
  if (cpu < 0) return throw_mlx(env);
  ArrayMap map;
  TextMap metadata;
  MLX_TRY(env, mlx_load_safetensors(&map.value, &metadata.value, file.text.c_str(),
                                    received.environment->stream(cpu)));

  napi_value result, names, slots, texts;
  NAPI_TRY(env, napi_create_object(env, &result));
  NAPI_TRY(env, napi_create_array(env, &names));
  NAPI_TRY(env, napi_create_array(env, &slots));
  NAPI_TRY(env, napi_create_object(env, &texts));
  mlx_map_string_to_array_iterator arrays = mlx_map_string_to_array_iterator_new(map.value);
  const char* name;
  bool ok = true;
  for (uint32_t i = 0; ok; i++) {
    mlx_array array = mlx_array_new();
    if (mlx_map_string_to_array_iterator_next(&name, &array, arrays) != 0) {
      mlx_array_free(array);
      break;
    }
    napi_value slot;
    ok = napi_create_int32(env, received.environment->slots.put(array), &slot) == napi_ok &&
         napi_set_element(env, slots, i, slot) == napi_ok &&
         napi_set_element(env, names, i, text_value(env, name)) == napi_ok;
  }
  mlx_map_string_to_array_iterator_free(arrays);
  mlx_map_string_to_string_iterator entries = mlx_map_string_to_string_iterator_new(metadata.value);
  const char* value;
  while (ok && mlx_map_string_to_string_iterator_next(&name, &value, entries) == 0) {
    ok = napi_set_property(env, texts, text_value(env, name), text_value(env, value)) == napi_ok;
  }
  mlx_map_string_to_string_iterator_free(entries);
  if (!ok) return throw_argument(env, "the names in the file could not be read");
  NAPI_TRY(env, napi_set_named_property(env, result, "names", names));
  NAPI_TRY(env, napi_set_named_property(env, result, "slots", slots));
  NAPI_TRY(env, napi_set_named_property(env, result, "metadata", texts));
  return result;
}

}  // namespace

napi_status export_files(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"saveSafetensors", save_safetensors}, {"loadSafetensors", load_safetensors}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
