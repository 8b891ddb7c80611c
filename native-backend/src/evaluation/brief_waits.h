#pragma once

#include "mlx/c/mlx.h"

// MLX's thread of a stream sleeps when it has nothing to do, and so does who waits for it. To wake a thread on another
// processor takes 20 to 50 microseconds, several times what a small evaluation computes. So both look for a moment
// whether the other is ready before they sleep, as long as that is mostly so.
namespace mlx_router {

/** Whether the next evaluation of this thread is probably over soon. */
bool expect_brief_wait();

/** Waits a moment for arrays whose evaluation this thread has started. The caller still has to wait for them. */
void wait_briefly(mlx_vector_array arrays);

/** To be called when this thread has handed something to a stream's thread, which stops looking then. */
void end_lingering();

}  // namespace mlx_router
