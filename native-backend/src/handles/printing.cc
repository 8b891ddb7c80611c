#include "mlx/utils.h"
#include "napi/arguments.h"
#include "napi/exports.h"

namespace mlx_router {
namespace {

// setPrintPrecision(digits): how many decimals the text of arrays has, in the whole process; -1: MLX's default.
napi_value set_print_precision(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  IntegerArgument<int> precision;
  if (!precision.read(call, received.values[0])) return nullptr;
  mlx::core::set_printoptions({precision.number});
  return nullptr;
}

}  // namespace

napi_status export_printing(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"setPrintPrecision", set_print_precision}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
