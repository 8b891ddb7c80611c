#include "kernels/complex_orders.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <vector>

extern "C" __attribute__((weak)) int scipy_openblas_get_num_threads();

namespace mlx_router {
namespace {

constexpr std::size_t kFloats = 2;
constexpr std::size_t kAnyRows = std::numeric_limits<std::size_t>::max();
/** Up to so many multiplications OpenBLAS uses one thread, and one more for as many again. */
constexpr std::size_t kOfOneThread = 4 * 8192;
/** It rounds the columns of each thread up to a multiple of one of these, where they and what is left are more. */
constexpr std::size_t kRounded[] = {8, 16};

constexpr ComplexOrder kOrders[] = {
    {ComplexSums::kApartWide, ComplexSums::kInTurn, kAnyRows},
    {ComplexSums::kApart, ComplexSums::kApart, 2},
};

struct Sizes {
  std::size_t rows;
  std::size_t columns;
  std::size_t depth;
};

// All that may be left of eight columns, several eights, rows that are computed beside each other or alone, so many
// columns that the BLAS parts them, nearly the largest product that one thread computes, and one that two share, whose
// halves are no eights before they are rounded.
constexpr Sizes kSamples[] = {{1, 1, 1},   {2, 2, 2},   {2, 3, 2},    {4, 5, 4},    {3, 6, 3},   {2, 7, 8},
                              {2, 8, 2},   {1, 9, 5},   {4, 12, 4},   {2, 16, 1},   {5, 30, 7},  {8, 31, 8},
                              {16, 8, 16}, {9, 37, 33}, {2, 1000, 2}, {32, 60, 17}, {8, 300, 32}};

/** Numbers of both signs whose sums are rounded, and in some samples those that a product may get wrong alone. */
class Numbers {
 public:
  std::vector<float> draw(std::size_t count, bool is_special) {
    std::vector<float> numbers(count * kFloats);
    for (float& number : numbers) number = is_special && next() % 4 == 0 ? kSpecial[next() % 8] : usual();
    return numbers;
  }

 private:
  static constexpr float kSpecial[] = {0.0f,
                                       -0.0f,
                                       1e-30f,
                                       -1e-30f,
                                       1e-40f,
                                       3e38f,
                                       std::numeric_limits<float>::infinity(),
                                       -std::numeric_limits<float>::infinity()};

  std::uint32_t next() {
    state_ = state_ * 1664525u + 1013904223u;
    return state_ >> 8;
  }
  float usual() { return (static_cast<float>(next()) - (1 << 23)) * 1e-6f; }

  std::uint32_t state_ = 1;
};

bool are_alike(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) || (std::isnan(a) && std::isnan(b));
}

bool agrees(const ComplexOrder& order, const Sizes& sizes, bool is_special, ComplexGemm* reference) {
  const auto [rows, columns, depth] = sizes;
  Numbers numbers;
  const std::vector<float> a = numbers.draw(rows * depth, is_special);
  const std::vector<float> b = numbers.draw(depth * columns, is_special);
  std::vector<float> expected(rows * columns * kFloats);
  std::vector<float> out(rows * columns * kFloats);
  constexpr int kRowMajor = 101;
  constexpr int kAsItIs = 111;
  const float one[] = {1, 0};
  const float zero[] = {0, 0};
  const auto [m, n, k] = std::array{static_cast<int>(rows), static_cast<int>(columns), static_cast<int>(depth)};
  reference(kRowMajor, kAsItIs, kAsItIs, m, n, k, one, a.data(), k, b.data(), n, zero, expected.data(), n);
  multiply_batch({rows, columns, depth, {a.data(), k, 1}, {b.data(), n, 1}, out.data(), 1, {}, {}, {}}, order);
  return std::equal(out.begin(), out.end(), expected.begin(), are_alike);
}

/** The most threads that the BLAS may use; 0 where it does not say. */
std::size_t thread_count() {
  return scipy_openblas_get_num_threads == nullptr ? 0 : static_cast<std::size_t>(scipy_openblas_get_num_threads());
}

/** Whether all of so many threads but the last get columns in eights. */
bool parts_are_eights(std::size_t columns, std::size_t threads, std::size_t rounded) {
  for (std::size_t left = columns; threads > 1; threads--) {
    std::size_t width = (left + threads - 1) / threads;
    if (width > rounded && rounded <= left) width = (width + rounded - 1) / rounded * rounded;
    if (width >= left) return true;
    if (width % kComplexColumns != 0) return false;
    left -= width;
  }
  return true;
}

}  // namespace

std::optional<ComplexOrder> order_of(ComplexGemm* reference) {
  for (const ComplexOrder& order : kOrders) {
    const bool is_it = std::all_of(std::begin(kSamples), std::end(kSamples), [&](const Sizes& sizes) {
      if (!holds_for(order, sizes.rows, sizes.columns, sizes.depth)) return true;
      return agrees(order, sizes, false, reference) && agrees(order, sizes, true, reference);
    });
    if (is_it) return order;
  }
  return std::nullopt;
}

bool holds_for(const ComplexOrder& order, std::size_t rows, std::size_t columns, std::size_t depth) {
  if (rows > order.most_rows && columns >= kComplexColumns) return false;
  if (order.eights == order.others || rows * columns * depth <= kOfOneThread) return true;
  const std::size_t threads = thread_count();
  if (threads == 0) return false;
  // It takes half of the threads, and so on, where columns are few.
  for (std::size_t t = std::min(threads, rows * columns * depth / kOfOneThread); t > 1; t /= 2) {
    const auto are_eights = [&](std::size_t rounded) { return parts_are_eights(columns, t, rounded); };
    if (!std::all_of(std::begin(kRounded), std::end(kRounded), are_eights)) return false;
  }
  return true;
}

}  // namespace mlx_router

#endif
