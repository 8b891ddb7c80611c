#include "kernels/reductions.h"

#if defined(__x86_64__) && defined(__linux__)

#include <algorithm>

#include "kernels/reduction_numbers.h"

namespace mlx_router {
namespace {

static_assert(kReducedTogether == 2 * kVector);

/** Rows whose order is free are computed alone from this length on. */
constexpr std::size_t kLong = 32;

template <typename Kind>
struct Reducer {
  using Storage = typename Kind::Storage;
  using Result = typename Kind::Result;
  using Vector = typename Kind::Vector;

  /** Rounding makes a step wait long for the one before it: steps of other rows fill the time. */
  static constexpr bool kRoundsAlways = sizeof(Storage) == 2 && std::is_same_v<Vector, __m256>;

  template <std::size_t kCount>
  struct Groups {
    Lanes<Storage> lanes[kCount];
  };

  /** Takes the elements of each row, in its lane. */
  template <std::size_t kGroups, typename Begin>
  __attribute__((always_inline)) static void take_rows(const Places& runs, Begin begin, Vector (&results)[kGroups]) {
    std::fill_n(results, kGroups, Kind::start());
    for (std::size_t run = 0; run < runs.outer_count; run++) {
      Vector taken[kGroups];
      std::fill_n(taken, kGroups, Kind::start());
      take_each<Kind>(begin(runs.outer[run]).lanes, runs.count,
                      [&](std::size_t group, Vector numbers) { taken[group] = Kind::next(taken[group], numbers); });
      for (std::size_t i = 0; i < kGroups; i++) results[i] = Kind::joined(results[i], taken[i]);
    }
  }

  /** A run in an order of our own. */
  static Vector of_run(const Storage* run, std::size_t length) {
    constexpr std::size_t kChains = 4;
    Vector chains[kChains];
    for (Vector& chain : chains) chain = Kind::start();
    std::size_t i = 0;
    for (; i + kChains * kVector <= length; i += kChains * kVector) {
      for (std::size_t k = 0; k < kChains; k++) {
        chains[k] = Kind::next(chains[k], Kind::load(run + i + k * kVector));
      }
    }
    for (; i + kVector <= length; i += kVector) chains[0] = Kind::next(chains[0], Kind::load(run + i));
    if (i < length) chains[1] = Kind::next(chains[1], load_some<Kind>(run + i, length - i));
    const Vector chained = Kind::next(Kind::next(chains[0], chains[1]), Kind::next(chains[2], chains[3]));
    const Vector result = across(chained, [](Vector a, Vector b) { return Kind::next(a, b); });
    if constexpr (std::is_same_v<Vector, __m256>) {
      // Of zeros of either sign it is the first.
      if (_mm256_cvtss_f32(result) == 0) return first_zero(run);
    }
    return result;
  }

  static Vector first_zero(const Storage* run) {
    for (;; run++) {
      const float x = Kind::N::widened(*run);
      if (x == 0) return _mm256_set1_ps(x);
    }
  }

  static void run(const void* from, const Places& runs, const ReducedRows& rows, void* to) {
    const auto* read = static_cast<const Storage*>(from);
    auto* write = static_cast<Result*>(to);
    if constexpr (Kind::kIsExact) {
      if (runs.count >= kLong) {
        for (std::size_t row = 0; row < rows.count; row++) {
          Vector results = Kind::start();
          for (std::size_t i = 0; i < runs.outer_count; i++) {
            const Storage* start = read + static_cast<std::int64_t>(row) * rows.step + runs.outer[i];
            results = Kind::joined(results, of_run(start, runs.count));
          }
          store_some<Kind>(write + row, results, 1);
        }
        return;
      }
    }
    const auto step = static_cast<std::size_t>(rows.step);
    std::size_t row = 0;
    if constexpr (kRoundsAlways) {
      for (; row + 2 * kVector <= rows.count; row += 2 * kVector) {
        Vector results[2];
        const auto begin = [&](std::int64_t offset) {
          const Storage* first = read + row * step + offset;
          return Groups<2>{{{first, step}, {first + kVector * step, step}}};
        };
        take_rows(runs, begin, results);
        for (std::size_t i = 0; i < 2; i++) Kind::store(write + row + i * kVector, results[i]);
      }
    }
    for (; row + kVector <= rows.count; row += kVector) {
      Vector results[1];
      take_rows(runs, [&](std::int64_t offset) { return Groups<1>{{{read + row * step + offset, step}}}; }, results);
      Kind::store(write + row, results[0]);
    }
    if (row < rows.count) {
      Vector results[1];
      take_rows(
          runs, [&](std::int64_t offset) { return Groups<1>{{{read + offset, step, row, rows.count}}}; }, results);
      store_some<Kind>(write + row, results[0], rows.count - row);
    }
  }
};

struct Get {
  template <typename Kind>
  ReduceRows operator()(Kind) const {
    return Reducer<Kind>::run;
  }
};

}  // namespace

ReduceRows rows_reduction(Reduction reduction, Elements elements) {
  return with_reduction<Taking::kRuns>(reduction, elements, Get());
}

}  // namespace mlx_router

#endif
