#include "kernels/reductions.h"

#if defined(__x86_64__) && defined(__linux__)

#include <algorithm>
#include <bit>

#include "kernels/reduction_numbers.h"

namespace mlx_router {
namespace {

/** Rows are searched alone from this length on. */
constexpr std::size_t kLong = 64;
/** Within so many elements the place of the best one is looked for at the end. */
constexpr std::size_t kStretch = 2048;

template <typename Kind>
struct Search {
  using Storage = typename Kind::Storage;
  using Vector = typename Kind::Vector;

  /** The best number so far of each lane, and where it is. */
  struct Best {
    Vector numbers;
    __m256i places = _mm256_setzero_si256();

    void take(Vector others, std::size_t place) {
      const __m256i where = Kind::improves(others, numbers);
      numbers = chosen(where, others, numbers);
      places = chosen(where, _mm256_set1_epi32(static_cast<int>(place)), places);
    }
  };

  static void store(std::uint32_t* to, __m256i places, std::size_t count) {
    std::uint32_t all[kVector];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(all), places);
    std::memcpy(to, all, count * sizeof *to);
  }

  static void beside(const Storage* from, std::size_t length, std::size_t first, std::size_t rows, std::uint32_t* to) {
    const Lanes<Storage> lanes[] = {{from, length, first, rows}};
    Best best{load_column<Kind>(lanes[0], 0)};
    std::size_t place = 0;
    take_each<Kind>(lanes, length, [&](std::size_t, Vector numbers) { best.take(numbers, place++); });
    store(to + first, best.places, std::min(kVector, rows - first));
  }

  /** The best number in all lanes: of `initial` and a stretch. */
  static Vector best_of(const Storage* from, std::size_t count, Vector initial) {
    constexpr std::size_t kChains = 4;
    Vector chains[kChains];
    for (Vector& chain : chains) chain = initial;
    std::size_t i = 0;
    for (; i + kChains * kVector <= count; i += kChains * kVector) {
      for (std::size_t k = 0; k < kChains; k++) {
        chains[k] = Kind::extremes(chains[k], Kind::load(from + i + k * kVector));
      }
    }
    for (; i + kVector <= count; i += kVector) chains[0] = Kind::extremes(chains[0], Kind::load(from + i));
    if (i < count) chains[1] = Kind::extremes(chains[1], load_some<Kind>(from + i, count - i));
    const auto step = [](Vector a, Vector b) { return Kind::extremes(a, b); };
    return across(step(step(chains[0], chains[1]), step(chains[2], chains[3])), step);
  }

  static bool any(__m256i where) { return _mm256_testz_si256(where, where) == 0; }

  static std::uint32_t of_row(const Storage* row, std::size_t length) {
    Storage same[kVector];
    std::fill_n(same, kVector, row[0]);
    Vector best = Kind::load(same);
    // Nothing is better than what is not a number.
    if (!any(Kind::equal(best, best))) return 0;
    std::size_t stretch = 0;
    for (std::size_t start = 0; start < length; start += kStretch) {
      const Vector better = best_of(row + start, std::min(kStretch, length - start), best);
      if (!any(Kind::improves(better, best))) continue;
      best = better;
      stretch = start;
    }
    for (std::size_t i = stretch;; i += kVector) {
      const std::size_t left = length - i;
      const Vector numbers = left < kVector ? load_some<Kind>(row + i, left) : Kind::load(row + i);
      const int found = _mm256_movemask_ps(_mm256_castsi256_ps(Kind::equal(numbers, best)));
      if (found != 0) return static_cast<std::uint32_t>(i) + std::countr_zero(static_cast<unsigned>(found));
    }
  }

  static void rows(const void* from, std::size_t length, std::size_t rows, std::uint32_t* to) {
    const auto* read = static_cast<const Storage*>(from);
    if (length >= kLong) {
      for (std::size_t row = 0; row < rows; row++) to[row] = of_row(read + row * length, length);
    } else {
      for (std::size_t row = 0; row < rows; row += kVector) beside(read, length, row, rows, to);
    }
  }

  /** Of whole vectors of columns, or of one that is not whole. */
  template <std::size_t kVectors>
  static void strip(const Storage* from, std::size_t length, std::int64_t step, std::size_t columns,
                    std::uint32_t* to) {
    const auto load = [&](const Storage* at) {
      return columns < kVector ? load_some<Kind>(at, columns) : Kind::load(at);
    };
    Best best[kVectors];
    for (std::size_t k = 0; k < kVectors; k++) best[k].numbers = load(from + k * kVector);
    for (std::size_t i = 1; i < length; i++) {
      const Storage* row = from + static_cast<std::int64_t>(i) * step;
      for (std::size_t k = 0; k < kVectors; k++) best[k].take(load(row + k * kVector), i);
    }
    for (std::size_t k = 0; k < kVectors; k++) store(to + k * kVector, best[k].places, std::min(kVector, columns));
  }

  static void columns(const void* from, std::size_t length, std::int64_t step, std::size_t columns, std::uint32_t* to) {
    constexpr std::size_t kVectors = 4;
    const auto* read = static_cast<const Storage*>(from);
    std::size_t i = 0;
    for (; i + kVectors * kVector <= columns; i += kVectors * kVector) {
      strip<kVectors>(read + i, length, step, kVectors * kVector, to + i);
    }
    for (; i + kVector <= columns; i += kVector) strip<1>(read + i, length, step, kVector, to + i);
    if (i < columns) strip<1>(read + i, length, step, columns - i, to + i);
  }
};

struct GetRows {
  template <typename Kind>
  FindInRows operator()(Kind) const {
    return Search<Kind>::rows;
  }
};

struct GetColumns {
  template <typename Kind>
  FindInColumns operator()(Kind) const {
    return Search<Kind>::columns;
  }
};

template <typename Get>
auto search_of(bool largest, Elements elements, Get get) {
  return largest ? with_numbers<Reduction::kMost, Taking::kRuns>(elements, get)
                 : with_numbers<Reduction::kLeast, Taking::kRuns>(elements, get);
}

}  // namespace

FindInRows search_of_rows(bool largest, Elements elements) { return search_of(largest, elements, GetRows()); }

FindInColumns search_of_columns(bool largest, Elements elements) { return search_of(largest, elements, GetColumns()); }

}  // namespace mlx_router

#endif
