#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace mlx_router {

// TypeScript makes a DistributedError of a text that begins so.
inline constexpr const char* kLost = "[distributed] the group is lost: ";

struct LostGroup : std::runtime_error {
  explicit LostGroup(const std::string& reason) : std::runtime_error(kLost + reason) {}
};

// What `mlx-router launch` says of processes of the group in files of the folder that MLX_ROUTER_LAUNCH names: the
// first that failed, or the first that ended well. Empty where it has said nothing.
std::string failed_process();
std::string ended_process();

// The same of the first, waiting until the launcher has had the time to say it.
std::string failed_process_soon();

// How often one who waits looks for such news.
inline constexpr std::chrono::milliseconds kLook{50};

}  // namespace mlx_router
