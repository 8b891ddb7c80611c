#include <poll.h>

#include <cmath>

#include "napi/arguments.h"
#include "napi/exports.h"

// Pipes to workers, which the main thread reads itself.
namespace mlx_router {
namespace {

// isReadable(descriptor, milliseconds): whether a read would not block. Blocks for at most so long until it does not.
// False also where a signal came in between.
napi_value is_readable(napi_env env, napi_callback_info info) {
  const Received<2> received(env, info);
  int32_t descriptor = -1;
  double milliseconds = 0;
  if (!read_int32(env, received.values[0], &descriptor) ||
      napi_get_value_double(env, received.values[1], &milliseconds) != napi_ok || descriptor < 0 ||
      !(milliseconds >= 0 && milliseconds <= 1000)) {
    return throw_argument(env, "expected an open descriptor and up to 1000 milliseconds");
  }
  pollfd pipe{descriptor, POLLIN, 0};
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, poll(&pipe, 1, static_cast<int>(std::ceil(milliseconds))) > 0, &result));
  return result;
}

}  // namespace

napi_status export_pipes(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"isReadable", is_readable}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
