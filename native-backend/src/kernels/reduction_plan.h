#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/reductions.h"
#include "mlx/array.h"

namespace mlx_router {

/** An axis of the results, and how many elements further of the operand the next one's are. */
struct KeptAxis {
  std::int64_t size;
  std::int64_t step;
};

/** In which order MLX takes the elements of each result. */
class ReductionPlan {
 public:
  /** Nothing where the elements lie in a way for MLX itself. */
  static std::optional<ReductionPlan> of(const mlx::core::array& in, const std::vector<int>& axes);

  Places places() const { return {outer_.data(), outer_.size(), count_, step_}; }
  /** How many elements a result has. */
  std::size_t elements() const { return outer_.size() * count_; }
  /** In runs, the elements of a result follow each other, and each run is reduced by itself. */
  Taking taking() const { return taking_; }
  /** The axes of the results, outermost first, as few as the places allow. */
  const std::vector<KeptAxis>& kept() const { return kept_; }

 private:
  ReductionPlan() = default;
  static std::optional<ReductionPlan> along(const std::vector<KeptAxis>& reduced);
  bool keep(const mlx::core::array& in, const std::vector<int>& axes);

  std::vector<std::int64_t> outer_;
  std::size_t count_ = 1;
  std::int64_t step_ = 1;
  Taking taking_ = Taking::kRuns;
  std::vector<KeptAxis> kept_;
};

}  // namespace mlx_router
