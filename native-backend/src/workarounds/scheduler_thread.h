#pragma once

namespace mlx_router {

// MLX takes the thread that first asks for its scheduler for the main one. There it throws errors of its own threads in
// the middle of the next evaluation, whose tasks are counted and never end, so a later evaluation never ends:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/scheduler.h
// This starts a thread that asks for it and evaluates nothing, once for the process. The thread never ends: the system
// gives the number of a thread that has ended to a later one, and MLX knows the main thread by its number.
void start_scheduler_thread();

}  // namespace mlx_router
