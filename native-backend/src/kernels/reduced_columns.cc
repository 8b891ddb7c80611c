#include "kernels/reductions.h"

#if defined(__x86_64__) && defined(__linux__)

#include <algorithm>

#include "kernels/reduction_numbers.h"

namespace mlx_router {
namespace {

/** So many elements of a result are taken before the next results' are. */
constexpr std::size_t kTogether = 8;

/** Goes through the places of one result's elements. */
class Walk {
 public:
  explicit Walk(const Places& places) : places_(places), left_(places.outer_count * places.count) {}

  /** The next places, at most `kTogether`; gives how many. */
  std::size_t next(std::int64_t* offsets) {
    const std::size_t count = std::min(left_, kTogether);
    left_ -= count;
    for (std::size_t i = 0; i < count; i++) {
      offsets[i] = places_.outer[outer_] + static_cast<std::int64_t>(inner_) * places_.step;
      if (++inner_ < places_.count) continue;
      inner_ = 0;
      outer_++;
    }
    return count;
  }

 private:
  const Places& places_;
  std::size_t left_;
  std::size_t outer_ = 0;
  std::size_t inner_ = 0;
};

template <typename Kind>
struct Reducer {
  using Storage = typename Kind::Storage;
  using Result = typename Kind::Result;
  using Vector = typename Kind::Vector;

  static Vector taken(Vector results, const Storage* from, const std::int64_t* offsets, std::size_t count) {
    for (std::size_t i = 0; i < count; i++) results = Kind::next(results, Kind::load(from + offsets[i]));
    return results;
  }

  static void few(const Storage* from, const Places& places, std::size_t columns, Result* to) {
    std::int64_t offsets[kTogether];
    Vector results = Kind::start();
    Walk walk(places);
    while (const std::size_t count = walk.next(offsets)) {
      for (std::size_t i = 0; i < count; i++) {
        results = Kind::next(results, load_some<Kind>(from + offsets[i], columns));
      }
    }
    store_some<Kind>(to, results, columns);
  }

  static void many(const Storage* from, const Places& places, std::size_t columns, Result* to) {
    Vector results[kMostColumns / kVector];
    const std::size_t vectors = (columns + kVector - 1) / kVector;
    // The last vector may begin within the one before it, and compute some results again.
    const auto column = [&](std::size_t vector) { return std::min(vector * kVector, columns - kVector); };
    std::int64_t offsets[kTogether];
    Walk walk(places);
    for (std::size_t i = 0; i < vectors; i++) results[i] = Kind::start();
    while (const std::size_t count = walk.next(offsets)) {
      if (count == kTogether) {
        for (std::size_t i = 0; i < vectors; i++) {
          results[i] = taken(results[i], from + column(i), offsets, kTogether);
        }
      } else {
        for (std::size_t i = 0; i < vectors; i++) results[i] = taken(results[i], from + column(i), offsets, count);
      }
    }
    for (std::size_t i = 0; i < vectors; i++) Kind::store(to + column(i), results[i]);
  }

  static void run(const void* from, const Places& places, const Columns& columns, void* to) {
    const auto* read = static_cast<const Storage*>(from);
    auto* write = static_cast<Result*>(to);
    const std::size_t elements = places.outer_count * places.count;
    std::int64_t offsets[kTogether];
    if (elements <= kTogether && columns.count >= kVector) Walk(places).next(offsets);
    for (std::size_t block = 0; block < columns.blocks; block++) {
      if (columns.count < kVector) {
        few(read, places, columns.count, write);
      } else if (elements > kTogether) {
        many(read, places, columns.count, write);
      } else {
        for (std::size_t i = 0; i < columns.count; i += kVector) {
          const std::size_t column = std::min(i, columns.count - kVector);
          Kind::store(write + column, taken(Kind::start(), read + column, offsets, elements));
        }
      }
      read += columns.block_step;
      write += columns.count;
    }
  }
};

struct Get {
  template <typename Kind>
  ReduceColumns operator()(Kind) const {
    return Reducer<Kind>::run;
  }
};

}  // namespace

ReduceColumns columns_reduction(Reduction reduction, Elements elements, Taking taking) {
  if (taking == Taking::kSingly) return with_reduction<Taking::kSingly>(reduction, elements, Get());
  return with_reduction<Taking::kBlocks>(reduction, elements, Get());
}

}  // namespace mlx_router

#endif
