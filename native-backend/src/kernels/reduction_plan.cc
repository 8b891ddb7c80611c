#include "kernels/reduction_plan.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>

namespace mlx_router {
namespace {

using mlx::core::array;

/** Of more places from which elements are taken there is no list. */
constexpr std::int64_t kMostOuter = 1 << 16;
/** Shorter blocks of results, or elements that lie in another way, are for MLX. */
constexpr std::int64_t kLeastColumns = 4;

bool is_reduced(const std::vector<int>& axes, std::size_t axis) {
  return std::find(axes.begin(), axes.end(), static_cast<int>(axis)) != axes.end();
}

/** Of an array in rows: axes next to each other are one, but not where one of a single element is between them. */
std::vector<KeptAxis> reduced_of_rows(const array& in, const std::vector<int>& axes) {
  std::vector<KeptAxis> reduced;
  for (std::size_t i = 0; i < axes.size(); i++) {
    const KeptAxis axis{in.shape(axes[i]), in.strides()[static_cast<std::size_t>(axes[i])]};
    if (i > 0 && axes[i] - 1 == axes[i - 1] && axis.size > 1) {
      reduced.back() = {reduced.back().size * axis.size, axis.step};
    } else {
      reduced.push_back(axis);
    }
  }
  std::erase_if(reduced, [](const KeptAxis& axis) { return axis.size == 1; });
  return reduced;
}

/** Of any other array: those of large steps are outside, and axes whose elements follow each other are one. */
std::vector<KeptAxis> reduced_of_others(const array& in, const std::vector<int>& axes) {
  std::vector<KeptAxis> reduced;
  for (const int axis : axes) {
    if (in.shape(axis) > 1) reduced.push_back({in.shape(axis), in.strides()[static_cast<std::size_t>(axis)]});
  }
  std::sort(reduced.begin(), reduced.end(), [](const KeptAxis& a, const KeptAxis& b) { return a.step > b.step; });
  const auto equal = [](const KeptAxis& a, const KeptAxis& b) { return a.step == b.step; };
  if (std::adjacent_find(reduced.begin(), reduced.end(), equal) != reduced.end()) return {};
  for (std::size_t i = reduced.size(); i-- > 1;) {
    const KeptAxis inner = reduced[i];
    KeptAxis& outer = reduced[i - 1];
    if (outer.step != inner.size * inner.step) continue;
    outer = {outer.size * inner.size, inner.step};
    reduced.erase(reduced.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return reduced;
}

/** How many elements follow each other in the innermost axes, the last of those that are reduced left out. */
std::int64_t dense_elements(const array& in, int left_out) {
  std::int64_t size = 1;
  for (int axis = static_cast<int>(in.ndim()) - 1; axis >= 0; axis--) {
    if (axis == left_out || in.shape(axis) == 1) continue;
    if (in.strides()[static_cast<std::size_t>(axis)] != size) break;
    size *= in.shape(axis);
  }
  return size;
}

bool is_spread_or_reversed(const array& in) {
  for (std::size_t axis = 0; axis < in.ndim(); axis++) {
    if (in.shape(static_cast<int>(axis)) > 1 && in.strides()[axis] <= 0) return true;
  }
  return false;
}

}  // namespace

std::optional<ReductionPlan> ReductionPlan::along(const std::vector<KeptAxis>& reduced) {
  if (reduced.empty()) return std::nullopt;
  ReductionPlan plan;
  plan.count_ = static_cast<std::size_t>(reduced.back().size);
  plan.step_ = reduced.back().step;
  plan.taking_ = plan.step_ == 1 ? Taking::kRuns : Taking::kBlocks;
  plan.outer_ = {0};
  for (std::size_t i = 0; i + 1 < reduced.size(); i++) {
    const std::vector<std::int64_t> before = std::move(plan.outer_);
    if (static_cast<std::int64_t>(before.size()) * reduced[i].size > kMostOuter) return std::nullopt;
    plan.outer_ = {};
    for (const std::int64_t start : before) {
      for (std::int64_t k = 0; k < reduced[i].size; k++) plan.outer_.push_back(start + k * reduced[i].step);
    }
  }
  return plan;
}

bool ReductionPlan::keep(const array& in, const std::vector<int>& axes) {
  for (std::size_t axis = 0; axis < in.ndim(); axis++) {
    const KeptAxis next{in.shape(static_cast<int>(axis)), in.strides()[axis]};
    if (is_reduced(axes, axis) || next.size == 1) continue;
    if (!kept_.empty() && kept_.back().step == next.size * next.step) {
      kept_.back() = {kept_.back().size * next.size, next.step};
    } else {
      kept_.push_back(next);
    }
  }
  if (taking_ == Taking::kRuns) return true;
  return !kept_.empty() && kept_.back().step == 1 && kept_.back().size >= kLeastColumns;
}

std::optional<ReductionPlan> ReductionPlan::of(const array& in, const std::vector<int>& axes) {
  const bool whole = in.size() == in.data_size() && axes.size() == in.ndim() && in.flags().contiguous;
  // In the order of memory, whatever the strides are.
  if (whole) return along({{static_cast<std::int64_t>(in.size()), 1}});
  const bool by_rows = in.flags().row_contiguous;
  if (!by_rows && is_spread_or_reversed(in)) return std::nullopt;
  auto plan = along(by_rows ? reduced_of_rows(in, axes) : reduced_of_others(in, axes));
  if (!plan || !plan->keep(in, axes)) return std::nullopt;
  if (by_rows || plan->taking_ == Taking::kRuns) return plan;
  // MLX takes the results in blocks, where it finds as many elements beside each other; or else one by one.
  if (dense_elements(in, axes.back()) < plan->step_) {
    plan->taking_ = Taking::kSingly;
  } else if (plan->kept_.back().size % plan->step_ != 0) {
    return std::nullopt;
  }
  return plan;
}

}  // namespace mlx_router

#endif
