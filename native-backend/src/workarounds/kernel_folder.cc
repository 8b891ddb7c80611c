#include <filesystem>
#include <mutex>
#include <string>

#include "napi/arguments.h"
#include "napi/exports.h"
#include "workarounds/guards/imported_functions.h"

// MLX compiles fused kernels for the CPU into a path below the temporary folder that another user can foresee, and fill
// before it does: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/compiled.cpp
// It has no setting for that, and $TMPDIR is the application's. So in libmlx alone
// `std::filesystem::temp_directory_path` is replaced, in its table of imported functions.
namespace mlx_router {
namespace {

#if defined(__linux__)

std::mutex folder_mutex;
std::string folder;

std::filesystem::path private_folder() {
  const std::lock_guard lock(folder_mutex);
  return folder;
}

constexpr const char* kFunction = "_ZNSt10filesystem19temp_directory_pathB5cxx11Ev";

// setKernelFolder(path): whether MLX keeps its compiled kernels below it from now on, in the whole process.
napi_value set_kernel_folder(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  std::string path;
  if (!read_text(call, received.values[0], &path)) return nullptr;
  {
    const std::lock_guard lock(folder_mutex);
    folder = path;
  }
  static const bool redirected = replace_imported_function(kFunction, reinterpret_cast<void*>(private_folder));
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, redirected, &result));
  return result;
}

#endif

}  // namespace

napi_status export_kernel_folder(napi_env env, napi_value target, Environment* environment) {
#if defined(__linux__)
  const Export all[] = {{"setKernelFolder", set_kernel_folder}};
  return set_exports(env, target, environment, all, std::size(all));
#else
  return set_exports(env, target, environment, nullptr, 0);
#endif
}

}  // namespace mlx_router
