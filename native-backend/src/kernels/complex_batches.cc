#include "kernels/complex_batches.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>

#include "kernels/parallel.h"
#include "mlx/backend/common/utils.h"

namespace mlx_router {
namespace {

constexpr std::ptrdiff_t kFloats = 2;
/** So many multiplications are shared at the least. */
constexpr std::size_t kPart = 1 << 14;

std::ptrdiff_t offset_of(std::size_t pair, const mlx::core::Shape& shape, const mlx::core::Strides& steps) {
  if (shape.size() > 1) return mlx::core::elem_to_loc(static_cast<int>(pair), shape, steps);
  return shape.empty() ? 0 : static_cast<std::ptrdiff_t>(pair) * steps[0];
}

/** Where the matrices of one pair are. */
struct Pair {
  const float* left;
  const float* right;
  float* out;

  Pair(const ComplexBatch& batch, std::size_t pair)
      : left(batch.left.values + offset_of(pair, batch.shape, batch.left_steps) * kFloats),
        right(batch.right.values + offset_of(pair, batch.shape, batch.right_steps) * kFloats),
        out(batch.out + pair * batch.rows * batch.columns * kFloats) {}
};

ComplexTile tile_of(const ComplexBatch& batch) {
  const auto& [rows, columns, depth, left, right, out, pairs, shape, left_steps, right_steps] = batch;
  return {left.values, left.row, left.column, rows, depth, right.row, static_cast<std::ptrdiff_t>(columns)};
}

/** Columns of one pair from `first` on; behind the last one stands the last one again. */
ComplexLanes lanes_of(const ComplexBatch& batch, const Pair& pair, std::size_t first) {
  ComplexLanes lanes;
  for (std::size_t i = 0; i < kComplexColumns; i++) {
    const auto column = static_cast<std::ptrdiff_t>(std::min(first + i, batch.columns - 1));
    lanes.right[i] = pair.right + column * batch.right.column * kFloats;
    lanes.out[i] = pair.out + column * kFloats;
  }
  return lanes;
}

/** Tiles of eight columns of one pair, from the first to the last pair. */
void multiply_eights(const ComplexBatch& batch, ComplexSums sums, std::size_t start, std::size_t count) {
  ComplexTile tile = tile_of(batch);
  const std::size_t tiles = batch.columns / kComplexColumns;
  std::size_t column = start % tiles;
  for (std::size_t i = start / tiles; count > 0; i++, column = 0) {
    const Pair pair(batch, i);
    tile.left = pair.left;
    const std::size_t here = std::min(tiles - column, count);
    const std::size_t first = column * kComplexColumns;
    count -= here;
    if (batch.right.column == 1) {
      multiply_columns(sums, tile, pair.right + first * kFloats, pair.out + first * kFloats, here);
      continue;
    }
    for (std::size_t t = 0; t < here; t++) {
      multiply_lanes(sums, tile, lanes_of(batch, pair, first + t * kComplexColumns));
    }
  }
}

/** What is left of the columns of one pair, fewer than eight, for each pair. */
void multiply_rest(const ComplexBatch& batch, ComplexSums sums, std::size_t start, std::size_t count) {
  ComplexTile tile = tile_of(batch);
  for (std::size_t i = start; i < start + count; i++) {
    const Pair pair(batch, i);
    tile.left = pair.left;
    multiply_lanes(sums, tile, lanes_of(batch, pair, batch.columns / kComplexColumns * kComplexColumns));
  }
}

/** The same for pairs that have one left matrix: tiles of the columns of several. */
void multiply_joint_rest(const ComplexBatch& batch, ComplexSums sums, std::size_t start, std::size_t count) {
  const ComplexTile tile = tile_of(batch);
  const std::size_t rest = batch.columns % kComplexColumns;
  const std::size_t total = batch.pairs * rest;
  const std::size_t first = batch.columns - rest;
  std::size_t at = start * kComplexColumns;
  std::size_t i = at / rest;
  std::size_t column = at % rest;
  Pair pair(batch, i);
  for (; count > 0; count--) {
    ComplexLanes lanes;
    for (std::size_t lane = 0; lane < kComplexColumns; lane++) {
      const auto own = static_cast<std::ptrdiff_t>(first + column);
      lanes.right[lane] = pair.right + own * batch.right.column * kFloats;
      lanes.out[lane] = pair.out + own * kFloats;
      // Behind the last one stands the last one again.
      if (++at >= total) continue;
      if (++column == rest) {
        column = 0;
        pair = Pair(batch, ++i);
      }
    }
    multiply_lanes(sums, tile, lanes);
  }
}

}  // namespace

void multiply_batch(const ComplexBatch& batch, const ComplexOrder& order) {
  const std::size_t part = std::max<std::size_t>(kPart / (kComplexColumns * batch.rows * batch.depth), 1);
  const std::size_t eights = batch.pairs * (batch.columns / kComplexColumns);
  for_each_part(eights, part, [&](auto start, auto count) { multiply_eights(batch, order.eights, start, count); });
  const std::size_t rest = batch.columns % kComplexColumns;
  if (rest == 0) return;
  const bool is_joint =
      std::all_of(batch.left_steps.begin(), batch.left_steps.end(), [](auto step) { return step == 0; });
  const std::size_t tiles = is_joint ? (batch.pairs * rest + kComplexColumns - 1) / kComplexColumns : batch.pairs;
  for_each_part(tiles, part, [&](auto start, auto count) {
    (is_joint ? multiply_joint_rest : multiply_rest)(batch, order.others, start, count);
  });
}

}  // namespace mlx_router

#endif
