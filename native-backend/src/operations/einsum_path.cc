#include <exception>
#include <utility>
#include <vector>

#include "mlx/einsum.h"
#include "napi/lists.h"
#include "operations/bind.h"

// mlx-c has no function for it, and its result is no array, so it is bound by hand.
namespace mlx_router {
namespace {

// einsum_path(subscripts, slots): [[[operand, …], …], text]
napi_value run_einsum_path(napi_env env, napi_callback_info info) {
  napi_value values[2];
  size_t count = 2;
  void* data;
  NAPI_TRY(env, napi_get_cb_info(env, info, &count, values, nullptr, &data));
  Call call{env, static_cast<const Entry*>(data)->environment};
  TextArgument subscripts;
  ArraysArgument operands;
  if (!subscripts.read(call, values[0]) || !operands.read(call, values[1]) || !operands.resolve(call)) return nullptr;
  std::pair<std::vector<std::vector<int>>, std::string> found;
  try {
    std::vector<mlx::core::array> arrays;
    for (const ArrayArgument& item : operands.items) {
      arrays.push_back(*static_cast<const mlx::core::array*>(item.array.ctx));
    }
    found = mlx::core::einsum_path(subscripts.text, arrays);
  } catch (const std::exception& error) {
    _mlx_error(__FILE__, __LINE__, error.what());
    return throw_mlx(env);
  }
  napi_value path, text;
  NAPI_TRY(env, napi_create_array_with_length(env, found.first.size(), &path));
  for (uint32_t i = 0; i < found.first.size(); i++) {
    const napi_value step = list_of_integers(env, found.first[i]);
    if (step == nullptr) return nullptr;
    NAPI_TRY(env, napi_set_element(env, path, i, step));
  }
  NAPI_TRY(env, napi_create_string_utf8(env, found.second.data(), found.second.size(), &text));
  return list_of(env, {path, text});
}

napi_value einsum_path(napi_env env, napi_callback_info info) {
  return end_call(env, nullptr, run_einsum_path(env, info));
}

const bool bound =
    (bindings().push_back({"einsum_path", einsum_path, "data", {TextArgument::kName, ArraysArgument::kName}, false}),
     true);

}  // namespace
}  // namespace mlx_router
