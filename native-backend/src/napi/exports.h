#pragma once

#include <node_api.h>

#include "handles/environment.h"

namespace mlx_router {

struct Export {
  const char* name;
  napi_callback call;
};

// Each file's own functions, set on `target`.
napi_status set_exports(napi_env env, napi_value target, Environment* environment, const Export* first, size_t count);

napi_status export_arrays(napi_env env, napi_value target, Environment* environment);
napi_status export_evaluation(napi_env env, napi_value target, Environment* environment);
napi_status export_owners(napi_env env, napi_value target, Environment* environment);
napi_status export_devices(napi_env env, napi_value target, Environment* environment);
napi_status export_transforms(napi_env env, napi_value target, Environment* environment);
napi_status export_exporting(napi_env env, napi_value target, Environment* environment);
napi_status export_files(napi_env env, napi_value target, Environment* environment);
napi_status export_distributed(napi_env env, napi_value target, Environment* environment);
napi_status export_printing(napi_env env, napi_value target, Environment* environment);
napi_status export_memory_view(napi_env env, napi_value target, Environment* environment);
napi_status export_pipes(napi_env env, napi_value target, Environment* environment);
napi_status export_shared_memory(napi_env env, napi_value target, Environment* environment);
napi_status export_kernels(napi_env env, napi_value target, Environment* environment);
napi_status export_kernel_folder(napi_env env, napi_value target, Environment* environment);

// The environment and the arguments of a call; undefined where the caller passed fewer.
template <size_t kCount>
struct Received {
  Environment* environment = nullptr;
  napi_value values[kCount == 0 ? 1 : kCount];
  bool ok;

  Received(napi_env env, napi_callback_info info) {
    size_t count = kCount;
    void* data;
    ok = napi_get_cb_info(env, info, &count, values, nullptr, &data) == napi_ok;
    environment = static_cast<const Entry*>(data)->environment;
  }
};

}  // namespace mlx_router
