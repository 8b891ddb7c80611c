#pragma once

// Lets the threads that serve the streams of a GPU sleep while there is nothing to do; false where MLX has none.
extern "C" __attribute__((visibility("default"))) bool mlx_router_let_gpu_threads_sleep();
