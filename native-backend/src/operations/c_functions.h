#pragma once

#include <exception>

#include "mlx/array.h"
#include "mlx/c/array.h"
#include "mlx/c/error.h"
#include "mlx/c/stream.h"
#include "mlx/stream.h"

// What functions of our own in the form of mlx-c's share.
namespace mlx_router {

inline const mlx::core::array& tensor(mlx_array array) { return *static_cast<const mlx::core::array*>(array.ctx); }

inline const mlx::core::Stream& stream_of(mlx_stream s) { return *static_cast<const mlx::core::Stream*>(s.ctx); }

/** C++ throws where C returns. */
template <class Body>
int guarded(Body body) {
  try {
    return body();
  } catch (const std::exception& error) {
    mlx_error(error.what());
    return 1;
  }
}

}  // namespace mlx_router
