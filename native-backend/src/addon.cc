#include <node_api.h>

#include <algorithm>
#include <initializer_list>

#include "evaluation/blas_threads.h"
#include "handles/freed_memory.h"
#include "kernels/families.h"
#include "mlx/c/mlx.h"
#include "napi/exports.h"
#include "operations/bind.h"
#include "workarounds/guards/gpu_threads.h"
#include "workarounds/guards/vmap_writes.h"
#include "workarounds/scheduler_thread.h"

namespace mlx_router {

namespace {

// Runs an exported function and ends its call.
napi_value run_entry(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  // Without its entry there is no environment, and no way to report anything.
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok || data == nullptr) return nullptr;
  const auto* entry = static_cast<const Entry*>(data);
  const napi_value result = entry->call(env, info);
  return end_call(env, entry->environment->take_exception(), result);
}

napi_status set_function(napi_env env, napi_value target, const char* name, napi_callback call, Entry* entry) {
  napi_value function;
  const napi_status status = napi_create_function(env, name, NAPI_AUTO_LENGTH, call, entry, &function);
  return status == napi_ok ? napi_set_named_property(env, target, name, function) : status;
}

}  // namespace

napi_status set_exports(napi_env env, napi_value target, Environment* environment, const Export* first, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const napi_status status = set_function(env, target, first[i].name, run_entry, environment->entry(first[i].call));
    if (status != napi_ok) return status;
  }
  return napi_ok;
}

namespace {

napi_status set_text(napi_env env, napi_value target, const char* name, const std::string& text) {
  napi_value value;
  const napi_status status = napi_create_string_utf8(env, text.data(), text.size(), &value);
  return status == napi_ok ? napi_set_named_property(env, target, name, value) : status;
}

napi_status set_flag(napi_env env, napi_value target, const char* name, bool flag) {
  napi_value value;
  const napi_status status = napi_get_boolean(env, flag, &value);
  return status == napi_ok ? napi_set_named_property(env, target, name, value) : status;
}

napi_status describe(napi_env env, const Binding& binding, napi_value* result) {
  napi_value parameters, stream;
  napi_status status = napi_create_object(env, result);
  if (status == napi_ok) status = set_text(env, *result, "result", binding.result);
  if (status == napi_ok) status = napi_create_array_with_length(env, binding.parameters.size(), &parameters);
  for (size_t i = 0; status == napi_ok && i < binding.parameters.size(); i++) {
    napi_value name;
    status = napi_create_string_utf8(env, binding.parameters[i].c_str(), NAPI_AUTO_LENGTH, &name);
    if (status == napi_ok) status = napi_set_element(env, parameters, i, name);
  }
  if (status == napi_ok) status = napi_set_named_property(env, *result, "parameters", parameters);
  if (status == napi_ok) status = napi_get_boolean(env, binding.has_stream, &stream);
  return status == napi_ok ? napi_set_named_property(env, *result, "stream", stream) : status;
}

// `functions`: the bound functions of mlx-c by name; `signatures`: what each takes and gives.
napi_status export_operations(napi_env env, napi_value target, Environment* environment) {
  napi_value functions, signatures;
  napi_status made = napi_create_object(env, &functions);
  if (made == napi_ok) made = napi_create_object(env, &signatures);
  if (made != napi_ok) return made;
  for (const Binding& binding : bindings()) {
    napi_value signature;
    // These end their calls themselves, being called most.
    napi_status status = set_function(env, functions, binding.name, binding.call, environment->entry(binding.call));
    if (status == napi_ok) status = describe(env, binding, &signature);
    if (status == napi_ok) status = napi_set_named_property(env, signatures, binding.name, signature);
    if (status != napi_ok) return status;
  }
  made = napi_set_named_property(env, target, "functions", functions);
  return made != napi_ok ? made : napi_set_named_property(env, target, "signatures", signatures);
}

std::string mlx_version_text() {
  mlx_string text = mlx_string_new();
  const bool ok = mlx_version(&text) == 0;
  std::string version = ok ? mlx_string_data(text) : "";
  mlx_string_free(text);
  return version;
}

/** Whether all of these families of kernels are used from now on. */
bool use_all(std::initializer_list<const char*> families) {
  return std::count_if(families.begin(), families.end(), mlx_router_use_kernels) == std::ssize(families);
}

}  // namespace
}  // namespace mlx_router

NAPI_MODULE_INIT() {
  using namespace mlx_router;
  keep_freed_memory();
  mlx_router_let_gpu_threads_sleep();
  start_scheduler_thread();
  share_blas_threads();
  mlx_router_patch_vmap_of_writes();
  const bool quantized_kernels = mlx_router_use_kernels("quantized");
  const bool compiled_kernels = mlx_router_use_kernels("compiled");
  const bool elementwise_kernels = use_all({"elementwise", "pair", "arithmetic", "softmax", "random", "reduction"});
  const bool convolution_kernels = use_all({"copy", "convolution", "half"});
  mlx_router_use_kernels("complex");
  auto* environment = new Environment(env);
  const napi_status owned = napi_set_instance_data(
      env, environment, [](node_api_basic_env, void* data, void*) { static_cast<Environment*>(data)->release(); },
      nullptr);
  const bool ok =
      owned == napi_ok && export_operations(env, exports, environment) == napi_ok &&
      export_arrays(env, exports, environment) == napi_ok && export_evaluation(env, exports, environment) == napi_ok &&
      export_owners(env, exports, environment) == napi_ok && export_devices(env, exports, environment) == napi_ok &&
      export_transforms(env, exports, environment) == napi_ok &&
      export_exporting(env, exports, environment) == napi_ok && export_files(env, exports, environment) == napi_ok &&
      export_distributed(env, exports, environment) == napi_ok &&
      export_printing(env, exports, environment) == napi_ok &&
      export_memory_view(env, exports, environment) == napi_ok && export_pipes(env, exports, environment) == napi_ok &&
      export_shared_memory(env, exports, environment) == napi_ok &&
      export_kernels(env, exports, environment) == napi_ok &&
      export_kernel_folder(env, exports, environment) == napi_ok &&
      set_text(env, exports, "mlxVersion", mlx_version_text()) == napi_ok &&
      set_flag(env, exports, "compiledKernels", compiled_kernels) == napi_ok &&
      set_flag(env, exports, "elementwiseKernels", elementwise_kernels) == napi_ok &&
      set_flag(env, exports, "convolutionKernels", convolution_kernels) == napi_ok &&
      set_flag(env, exports, "quantizedKernels", quantized_kernels) == napi_ok;
  if (!ok) napi_throw_error(env, "ERR_MLX_BACKEND_UNAVAILABLE", "the addon could not set up its functions");
  return exports;
}
