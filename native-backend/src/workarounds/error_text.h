#pragma once

#include <string>

namespace mlx_router {

// mlx-c passes the text of an error to `vsnprintf` as the format, so a file name with %n in it ends the process:
// https://github.com/ml-explore/mlx-c/blob/v0.7.0/mlx/c/error.cpp
// The addon defines those functions itself, and the linker takes them before those of libmlxc.a. They keep the text as
// plain text.

// The text of the last error that mlx-c reported on this thread, which is forgotten.
std::string take_mlx_error();

}  // namespace mlx_router
