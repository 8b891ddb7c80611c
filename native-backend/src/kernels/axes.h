#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// The axes of two arrays of one shape that are gone through together, such as the two sides of a copy.
namespace mlx_router {

/** One axis: how many elements it has, and how many elements further the next one is in either array. */
struct Axis {
  std::int64_t size;
  std::int64_t first;
  std::int64_t second;
};

/** Arrays of more axes are left to MLX. */
inline constexpr std::size_t kMostJointAxes = 32;

/** The same elements in the same order with as few axes as the places allow. */
inline std::vector<Axis> join(const std::vector<Axis>& axes) {
  std::vector<Axis> joined;
  for (const Axis& inner : axes) {
    const auto follows = [&](const Axis& outer) {
      return outer.first == inner.size * inner.first && outer.second == inner.size * inner.second;
    };
    if (!joined.empty() && follows(joined.back())) {
      joined.back() = {joined.back().size * inner.size, inner.first, inner.second};
    } else {
      joined.push_back(inner);
    }
  }
  return joined;
}

/** Goes through the places of some axes, the last one fastest. */
class Cursor {
 public:
  /** Begins with the place of that number. */
  Cursor(const std::vector<Axis>& axes, std::int64_t number) : axes_(axes) {
    for (std::size_t i = axes.size(); i-- > 0;) {
      indices_[i] = number % axes[i].size;
      number /= axes[i].size;
      first += indices_[i] * axes[i].first;
      second += indices_[i] * axes[i].second;
    }
  }

  void step() {
    for (std::size_t i = axes_.size(); i-- > 0;) {
      first += axes_[i].first;
      second += axes_[i].second;
      if (++indices_[i] < axes_[i].size) return;
      indices_[i] = 0;
      first -= axes_[i].size * axes_[i].first;
      second -= axes_[i].size * axes_[i].second;
    }
  }

  std::int64_t first = 0;
  std::int64_t second = 0;

 private:
  const std::vector<Axis>& axes_;
  std::int64_t indices_[kMostJointAxes];
};

}  // namespace mlx_router
