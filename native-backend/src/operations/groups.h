#pragma once

#include <mutex>
#include <vector>

#include "mlx/c/distributed_group.h"
#include "napi/arguments.h"

namespace mlx_router {

// The groups of this process, by number. They are never freed: MLX itself keeps the global one, and closing a group's
// connections while another thread computes would end the process.
class GroupTable {
 public:
  static GroupTable& instance() {
    // Leaked, so that no destructor runs at exit while another thread may still use it.
    static auto* const table = new GroupTable;
    return *table;
  }

  int32_t add(mlx_distributed_group group) {
    const std::lock_guard lock(mutex_);
    groups_.push_back(group);
    return static_cast<int32_t>(groups_.size() - 1);
  }

  // nullptr context when there is none of that number.
  mlx_distributed_group get(int32_t number) {
    const std::lock_guard lock(mutex_);
    if (number < 0 || static_cast<size_t>(number) >= groups_.size()) return mlx_distributed_group{nullptr};
    return groups_[number];
  }

 private:
  std::mutex mutex_;
  std::vector<mlx_distributed_group> groups_;
};

struct GroupArgument {
  static constexpr const char* kName = "group?";
  mlx_distributed_group group{nullptr};

  bool read(Call& call, napi_value value) {
    if (is_absent(call.env, value)) return true;
    int32_t number = -1;
    if (read_int32(call.env, value, &number)) group = GroupTable::instance().get(number);
    return group.ctx != nullptr || refuse(call, "the number of a group");
  }
  bool resolve(Call&) { return true; }
  std::tuple<mlx_distributed_group> values() { return {group}; }
};

}  // namespace mlx_router
