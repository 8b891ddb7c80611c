#include <cstdio>
#include <memory>

#include "mlx/c/export.h"
#include "mlx/c/graph_utils.h"
#include "napi/exports.h"
#include "napi/read_all.h"
#include "operations/bind.h"
#include "transforms/closures.h"
#include "transforms/shapeless.h"
#include "workarounds/failed_evaluations.h"

namespace mlx_router {
namespace {

// Arrays by name, read from a list of names and a list of slots.
struct Named {
  std::vector<std::string> names;
  ArraysArgument arrays;
  mlx_map_string_to_array map = mlx_map_string_to_array_new();

  Named() = default;
  Named(const Named&) = delete;
  Named& operator=(const Named&) = delete;
  ~Named() { mlx_map_string_to_array_free(map); }

  bool read(Call& call, Cursor& cursor) {
    const napi_value keys = cursor.next();
    uint32_t length;
    if (!list_length(call, keys, &length) || !arrays.read(call, cursor.next()) || arrays.items.size() != length) {
      return refuse(call, "as many names as arrays");
    }
    names.resize(length);
    for (uint32_t i = 0; i < length; i++) {
      napi_value name;
      if (napi_get_element(call.env, keys, i, &name) != napi_ok) return refuse(call, "a list of names");
      if (!read_text(call, name, &names[i])) return false;
    }
    return true;
  }
  bool resolve(Call& call) {
    if (!arrays.resolve(call)) return false;
    for (size_t i = 0; i < names.size(); i++) {
      if (mlx_map_string_to_array_insert(map, names[i].c_str(), arrays.items[i].array) != 0) {
        throw_mlx(call.env);
        return false;
      }
    }
    return true;
  }
};

// exportFunction(path, function, inputs, names, named inputs, shapeless)
napi_value export_function(napi_env env, napi_callback_info info) {
  const Received<6> received(env, info);
  Call call{env, received.environment};
  TextArgument path;
  FunctionArgument function;
  ArraysArgument inputs;
  Named named;
  BoolArgument shapeless;
  if (!read_all(call, received, path, function, inputs, named, shapeless)) return nullptr;
  int failed;
  const ShapelessTrace trace(shapeless.flag);
  if (named.names.empty()) {
    const Closure closure(call.environment, function.number, Walk::kOther);
    failed = mlx_export_function(path.text.c_str(), closure.value, inputs.vector, shapeless.flag);
  } else {
    const KeywordClosure closure(call.environment, function.number);
    failed = mlx_export_function_kwargs(path.text.c_str(), closure.value, inputs.vector, named.map, shapeless.flag);
  }
  return failed != 0 ? throw_from_transform(env, call.environment) : nullptr;
}

// Objects of MLX that JavaScript holds: freed when they are collected, an exporter also when it is closed.
struct Exporter {
  mlx_function_exporter value;
  bool shapeless;
  ~Exporter() { close(); }
  bool close() {
    const mlx_function_exporter open = std::exchange(value, mlx_function_exporter{nullptr});
    return open.ctx == nullptr || mlx_function_exporter_free(open) == 0;
  }
};

struct Imported {
  mlx_imported_function value;
  ~Imported() { mlx_imported_function_free(value); }
};

template <class Held>
napi_value hold(napi_env env, std::unique_ptr<Held> held) {
  napi_value external;
  NAPI_TRY(env, napi_create_external(
                    env, held.get(), [](node_api_basic_env, void* data, void*) { delete static_cast<Held*>(data); },
                    nullptr, &external));
  held.release();
  return external;
}

template <class Held>
struct HeldArgument {
  Held* held = nullptr;
  bool read(Call& call, napi_value value) {
    napi_valuetype type;
    void* data = nullptr;
    const bool is_one = napi_typeof(call.env, value, &type) == napi_ok && type == napi_external &&
                        napi_get_value_external(call.env, value, &data) == napi_ok;
    held = is_one ? static_cast<Held*>(data) : nullptr;
    return held != nullptr || refuse(call, "an object of the addon");
  }
  bool resolve(Call&) { return true; }
  Held* operator->() const { return held; }
};

// exporter(path, function, shapeless)
napi_value new_exporter(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  TextArgument path;
  FunctionArgument function;
  BoolArgument shapeless;
  if (!read_all(call, received, path, function, shapeless)) return nullptr;
  const Closure closure(call.environment, function.number, Walk::kOther);
  auto exporter = std::make_unique<Exporter>(
      mlx_function_exporter_new(path.text.c_str(), closure.value, shapeless.flag), shapeless.flag);
  if (exporter->value.ctx == nullptr) return throw_mlx(env);
  return hold(env, std::move(exporter));
}

// exporterApply(exporter, inputs)
napi_value exporter_apply(napi_env env, napi_callback_info info) {
  const Received<2> received(env, info);
  Call call{env, received.environment};
  HeldArgument<Exporter> exporter;
  ArraysArgument inputs;
  if (!read_all(call, received, exporter, inputs)) return nullptr;
  if (exporter->value.ctx == nullptr) return throw_argument(env, "the exporter was closed");
  const ShapelessTrace trace(exporter->shapeless);
  if (mlx_function_exporter_apply(exporter->value, inputs.vector) != 0) {
    return throw_from_transform(env, call.environment);
  }
  return nullptr;
}

// exporterClose(exporter)
napi_value exporter_close(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  HeldArgument<Exporter> exporter;
  if (!read_all(call, received, exporter)) return nullptr;
  return exporter->close() ? nullptr : throw_mlx(env);
}

// importFunction(path)
napi_value import_function(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  TextArgument path;
  if (!read_all(call, received, path)) return nullptr;
  auto imported = std::make_unique<Imported>(mlx_imported_function_new(path.text.c_str()));
  if (imported->value.ctx == nullptr) return throw_mlx(env);
  return hold(env, std::move(imported));
}

// importedApply(imported, inputs, names, named inputs): outputs
napi_value imported_apply(napi_env env, napi_callback_info info) {
  const Received<4> received(env, info);
  Call call{env, received.environment};
  HeldArgument<Imported> imported;
  ArraysArgument inputs;
  Named named;
  if (!read_all(call, received, imported, inputs, named)) return nullptr;
  VectorResult outputs(call.environment->slots);
  // It may hold anything.
  expect_failures();
  MLX_TRY(env, mlx_imported_function_apply_kwargs(&outputs.vector, imported->value, inputs.vector, named.map));
  return outputs.store(call);
}

struct Namer {
  mlx_node_namer value = mlx_node_namer_new();
  ~Namer() { mlx_node_namer_free(value); }
};

// exportToDot(path, outputs, names, named outputs)
napi_value export_to_dot(napi_env env, napi_callback_info info) {
  const Received<4> received(env, info);
  Call call{env, received.environment};
  TextArgument path;
  ArraysArgument outputs;
  Named named;
  if (!read_all(call, received, path, outputs, named)) return nullptr;
  const Namer namer;
  for (size_t i = 0; i < named.names.size(); i++) {
    const mlx_array array = named.arrays.items[i].array;
    if (mlx_node_namer_set_name(namer.value, array, named.names[i].c_str()) != 0 ||
        mlx_vector_array_append_value(outputs.vector, array) != 0) {
      return throw_mlx(env);
    }
  }
  if (!fits_stack(outputs.vector, Walk::kOther)) return throw_argument(env, "the graph is too deep to be written");
  std::FILE* file = std::fopen(path.text.c_str(), "w");
  if (file == nullptr) return throw_file(env, "cannot be written: " + path.text);
  const bool written = mlx_export_to_dot(file, namer.value, outputs.vector) == 0;
  const bool closed = std::fclose(file) == 0;
  if (!written) return throw_mlx(env);
  return closed ? nullptr : throw_file(env, "cannot be written: " + path.text);
}

}  // namespace

napi_status export_exporting(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"exportFunction", export_function}, {"exporter", new_exporter},
                        {"exporterApply", exporter_apply},   {"exporterClose", exporter_close},
                        {"importFunction", import_function}, {"importedApply", imported_apply},
                        {"exportToDot", export_to_dot}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
