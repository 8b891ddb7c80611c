#pragma once

#include "napi/arguments.h"
#include "napi/exports.h"

namespace mlx_router {

// Reads the values of a call, each by its argument, and looks up the arrays once all are read. One that takes several
// values reads them from the cursor. False: it has thrown.
template <size_t kCount, class... Argument>
bool read_all(Call& call, const Received<kCount>& received, Argument&... arguments) {
  Cursor cursor{received.values};
  const auto read = [&](auto& argument) {
    if constexpr (requires { argument.read(call, cursor.next()); }) {
      return argument.read(call, cursor.next());
    } else {
      return argument.read(call, cursor);
    }
  };
  return (read(arguments) && ...) && (arguments.resolve(call) && ...);
}

}  // namespace mlx_router
