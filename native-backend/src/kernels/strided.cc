#include "kernels/strided.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <iterator>
#include <limits>

#include "kernels/parallel.h"
#include "kernels/replacing.h"
#include "kernels/runs.h"

namespace mlx_router {
namespace {

/** A square of so many rows and columns is copied at a time, where one side has rows and the other columns. */
constexpr std::int64_t kTile = 16;
/** Rows that lie within so many elements of the result stay in the nearest cache of a processor. */
constexpr std::int64_t kNear = 4096;
constexpr std::int64_t kFarthest = std::numeric_limits<std::int64_t>::max();

/**
 * What follows each other on one side lies apart on the other. A square goes through memory of its own, so that each
 * line of the cache is read and written once: lines that lie a power of two apart push each other out of it.
 */
template <typename Bits>
void copy_turned(const Bits* from, Bits* to, const Axis& rows, const Axis& columns) {
  Bits square[kTile][kTile];
  for (std::int64_t row = 0; row < rows.size; row += kTile) {
    const std::int64_t height = std::min(kTile, rows.size - row);
    for (std::int64_t column = 0; column < columns.size; column += kTile) {
      const std::int64_t width = std::min(kTile, columns.size - column);
      for (std::int64_t k = 0; k < width; k++) {
        const Bits* read = from + row + (column + k) * columns.first;
        for (std::int64_t i = 0; i < height; i++) square[k][i] = read[i];
      }
      for (std::int64_t i = 0; i < height; i++) {
        Bits* write = to + (row + i) * rows.second + column;
        for (std::int64_t k = 0; k < width; k++) write[k] = square[k][i];
      }
    }
  }
}

template <typename Bits>
void copy_plane(const Bits* from, Bits* to, const Axis& rows, const Axis& columns) {
  if (columns.first == 1 && columns.second == 1) {
    const std::size_t bytes = static_cast<std::size_t>(columns.size) * sizeof(Bits);
    for (std::int64_t i = 0; i < rows.size; i++) copy_run(from + i * rows.first, to + i * rows.second, bytes);
    return;
  }
  if (columns.first == 0 && columns.second == 1) {
    for (std::int64_t i = 0; i < rows.size; i++) std::fill_n(to + i * rows.second, columns.size, from[i * rows.first]);
    return;
  }
  if (rows.first == 1 && columns.second == 1) return copy_turned(from, to, rows, columns);
  for (std::int64_t low = 0; low < columns.size; low += kTile) {
    const std::int64_t high = std::min(columns.size, low + kTile);
    for (std::int64_t i = 0; i < rows.size; i++) {
      const Bits* read = from + i * rows.first;
      Bits* write = to + i * rows.second;
      for (std::int64_t k = low; k < high; k++) write[k * columns.second] = read[k * columns.first];
    }
  }
}

}  // namespace

CopyPlan::CopyPlan(const mlx::core::Shape& shape, const mlx::core::Strides& from, const mlx::core::Strides& to) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < shape.size(); i++) {
    if (shape[i] != 1) axes.push_back({shape[i], from[i], to[i]});
  }
  // The order of axes is free. Written in the order of its places, the result is written through once.
  const auto steps = [](std::int64_t stride) { return stride < 0 ? -stride : stride; };
  std::stable_sort(axes.begin(), axes.end(),
                   [&](const Axis& a, const Axis& b) { return steps(a.second) > steps(b.second); });
  std::vector<Axis> joined = join(axes);
  if (joined.empty()) return;
  columns_ = joined.back();
  joined.pop_back();
  if (!joined.empty()) {
    // Where the columns are read from far apart, the rows are those that are read closely.
    const auto apart = [&](const Axis& axis) { return axis.first == 0 ? kFarthest : steps(axis.first); };
    const auto closest = std::min_element(joined.begin(), joined.end(),
                                          [&](const Axis& a, const Axis& b) { return apart(a) < apart(b); });
    // Otherwise many rows are better than few, as long as they are near.
    const auto size_if_near = [&](const Axis& axis) { return axis.size * steps(axis.second) <= kNear ? axis.size : 0; };
    const auto longest = std::max_element(joined.rbegin(), joined.rend(), [&](const Axis& a, const Axis& b) {
      return size_if_near(a) < size_if_near(b);
    });
    const auto rows = steps(columns_.first) <= 1 ? std::prev(longest.base()) : closest;
    rows_ = *rows;
    joined.erase(rows);
  }
  outer_ = std::move(joined);
  for (const Axis& axis : outer_) outer_count_ *= axis.size;
}

template <typename Bits>
void CopyPlan::run_as(const Bits* from, Bits* to) const {
  if (outer_count_ == 1 && rows_.size == 1) {
    return for_each_part(columns_.size, kPart, [&](std::size_t start, std::size_t count) {
      const auto first = static_cast<std::int64_t>(start);
      copy_plane(from + first * columns_.first, to + first * columns_.second, {1, 0, 0},
                 {static_cast<std::int64_t>(count), columns_.first, columns_.second});
    });
  }
  // A band is so many rows of a plane that it has a part's elements; whole tiles of them.
  const std::int64_t rows_of_part = (static_cast<std::int64_t>(kPart) / columns_.size + kTile) / kTile * kTile;
  const std::int64_t band = std::min(rows_.size, rows_of_part);
  const std::int64_t bands = (rows_.size + band - 1) / band;
  const std::size_t together = std::max<std::size_t>(kPart / static_cast<std::size_t>(band * columns_.size), 1);
  const auto copy = [&](std::size_t start, std::size_t count) {
    Cursor cursor(outer_, static_cast<std::int64_t>(start) / bands);
    std::int64_t first = static_cast<std::int64_t>(start) % bands * band;
    for (std::size_t i = 0; i < count; i++) {
      const Axis rows{std::min(band, rows_.size - first), rows_.first, rows_.second};
      copy_plane(from + cursor.first + first * rows_.first, to + cursor.second + first * rows_.second, rows, columns_);
      first += band;
      if (first < rows_.size) continue;
      first = 0;
      cursor.step();
    }
  };
  for_each_part(static_cast<std::size_t>(outer_count_ * bands), together, copy);
}

void CopyPlan::run(const void* from, void* to, std::size_t itemsize) const {
  if (rows_.size == 0 || columns_.size == 0 || outer_count_ == 0) return;
  if (itemsize == 1) return run_as(static_cast<const std::uint8_t*>(from), static_cast<std::uint8_t*>(to));
  if (itemsize == 2) return run_as(static_cast<const std::uint16_t*>(from), static_cast<std::uint16_t*>(to));
  if (itemsize == 4) return run_as(static_cast<const std::uint32_t*>(from), static_cast<std::uint32_t*>(to));
  run_as(static_cast<const std::uint64_t*>(from), static_cast<std::uint64_t*>(to));
}

}  // namespace mlx_router

#endif
