#include "kernels/rows.h"

#if defined(__x86_64__) && defined(__linux__)

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/blocks.h"
#include "kernels/lanes.h"

namespace mlx_router {
namespace {

static_assert(kRowsTogether == kLanes);

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/** What a row of T is computed in: numbers that are rounded to `kSteps`. */
template <Rounding kOf, Rounding kSteps>
struct Rows {
  using N = Number<kOf>;
  using Steps = Number<kSteps>;
  using Storage = typename N::Storage;

  static float rounded(float value) { return _mm256_cvtss_f32(Steps::rounded(_mm256_set1_ps(value))); }

  /** The largest number of a row; infinity also where one is not a number. */
  static float largest(const Storage* row, std::size_t length) {
    __m256 most = _mm256_set1_ps(-kInfinity);
    __m256 unordered = _mm256_setzero_ps();
    float block[kBlock];
    for (std::size_t start = 0; start < length; start += kBlock) {
      const std::size_t count = std::min(kBlock, length - start);
      const std::size_t whole = load_block<kOf>(row + start, count, block);
      std::fill(block + count, block + whole, -kInfinity);
      for (std::size_t i = 0; i < whole; i += kVector) {
        const __m256 values = _mm256_loadu_ps(block + i);
        unordered = _mm256_or_ps(unordered, _mm256_cmp_ps(values, values, _CMP_UNORD_Q));
        most = _mm256_max_ps(most, values);
      }
    }
    if (_mm256_movemask_ps(unordered) != 0) return kInfinity;
    float lanes[kVector];
    _mm256_storeu_ps(lanes, most);
    return *std::max_element(lanes, lanes + kVector);
  }

  /** The exponentials of numbers of a row less its largest. */
  static void exponentials(const Storage* numbers, std::size_t count, float largest, float* out) {
    float block[kBlock];
    const std::size_t whole = load_block<kOf>(numbers, count, block);
    for (std::size_t i = 0; i < whole; i++) block[i] -= largest;
    round_all<kSteps>(block, whole);
    each({block, out, whole}, [](float x) { return simd::exp(Single(x)).value; });
    round_all<kSteps>(out, whole);
  }

  /** Adds the next numbers of each row to the sum in its lane. */
  static __m256 added(__m256 sums, const float* numbers, std::size_t rows, std::size_t count) {
    const Lanes<float> lanes(numbers, kBlock, 0, rows);
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      __m256i four[4];
      load_four(lanes, i, four);
      for (const __m256i each : four) sums = Steps::rounded(_mm256_add_ps(sums, _mm256_castsi256_ps(each)));
    }
    for (; i < count; i++) {
      float column[kLanes];
      for (std::size_t lane = 0; lane < kLanes; lane++) column[lane] = lanes.row[lane][i];
      sums = Steps::rounded(_mm256_add_ps(sums, _mm256_loadu_ps(column)));
    }
    return sums;
  }

  /** The sum of the exponentials of each row; `use(row, start, count, exponentials)` sees them. */
  template <typename Use>
  static void sum(const Storage* in, std::size_t rows, std::size_t length, const float* largest, float* sums, Use use) {
    float numbers[kRowsTogether][kBlock];
    __m256 lanes = _mm256_setzero_ps();
    for (std::size_t start = 0; start < length; start += kBlock) {
      const std::size_t count = std::min(kBlock, length - start);
      for (std::size_t row = 0; row < rows; row++) {
        exponentials(in + row * length + start, count, largest[row], numbers[row]);
        use(row, start, count, numbers[row]);
      }
      lanes = added(lanes, numbers[0], rows, count);
    }
    _mm256_storeu_ps(sums, lanes);
  }

  /** One number after the other, as MLX does: for rows with what is infinite or not a number. */
  template <typename Use>
  static float sum_of_row(const Storage* row, std::size_t length, float* largest, Use use) {
    *largest = -kInfinity;
    for (std::size_t i = 0; i < length; i++) {
      const float x = N::widened(row[i]);
      *largest = std::isnan(x) || x > *largest ? x : *largest;
    }
    float total = 0;
    for (std::size_t i = 0; i < length; i++) {
      const float x = rounded(N::widened(row[i]) - *largest);
      const float exponential = rounded(simd::exp(Single(x)).value);
      use(i, exponential);
      total = rounded(total + exponential);
    }
    return total;
  }

  static Storage stored(float value) {
    Storage room[kVector];
    N::store(room, N::rounded(_mm256_set1_ps(value)));
    return room[0];
  }

  static void softmax_of_row(const Storage* in, Storage* out, std::size_t length) {
    float largest;
    const float total = sum_of_row(in, length, &largest, [](std::size_t, float) {});
    const float factor = rounded(1 / total);
    for (std::size_t i = 0; i < length; i++) {
      const float x = rounded(N::widened(in[i]) - largest);
      out[i] = stored(rounded(simd::exp(Single(x)).value) * factor);
    }
  }

  static void softmax(const Storage* in, Storage* out, std::size_t rows, std::size_t length) {
    float largest[kRowsTogether];
    for (std::size_t row = 0; row < rows; row++) largest[row] = Rows::largest(in + row * length, length);
    if (std::any_of(largest, largest + rows, [](float x) { return std::isinf(x); })) {
      for (std::size_t row = 0; row < rows; row++) softmax_of_row(in + row * length, out + row * length, length);
      return;
    }
    // The results hold the exponentials until their sum is known, where these have the same dtype.
    constexpr bool kKept = kOf == kSteps;
    float sums[kRowsTogether];
    sum(in, rows, length, largest, sums, [&](std::size_t row, std::size_t start, std::size_t count, const float* each) {
      if constexpr (kKept) store_block<kOf>(each, count, out + row * length + start);
    });
    for (std::size_t row = 0; row < rows; row++) {
      const float factor = rounded(1 / sums[row]);
      for (std::size_t start = 0; start < length; start += kBlock) {
        const std::size_t count = std::min(kBlock, length - start);
        const std::size_t at = row * length + start;
        float block[kBlock];
        if constexpr (kKept) {
          load_block<kOf>(out + at, count, block);
        } else {
          exponentials(in + at, count, largest[row], block);
        }
        for (std::size_t i = 0; i < count; i++) block[i] *= factor;
        store_block<kOf>(block, count, out + at);
      }
    }
  }

  static void logsumexp(const Storage* in, Storage* out, std::size_t rows, std::size_t length) {
    float largest[kRowsTogether];
    float sums[kRowsTogether];
    for (std::size_t row = 0; row < rows; row++) largest[row] = Rows::largest(in + row * length, length);
    if (std::any_of(largest, largest + rows, [](float x) { return std::isinf(x); })) {
      for (std::size_t row = 0; row < rows; row++) {
        sums[row] = sum_of_row(in + row * length, length, largest + row, [](std::size_t, float) {});
      }
    } else {
      sum(in, rows, length, largest, sums, [](std::size_t, std::size_t, std::size_t, const float*) {});
    }
    for (std::size_t row = 0; row < rows; row++) {
      out[row] = stored(std::isinf(largest[row]) ? largest[row] : std::log(sums[row]) + largest[row]);
    }
  }
};

/** Calls `use` with the `Rows` of these numbers. */
template <typename Use>
void with_rows(RowNumbers numbers, Use use) {
  using R = Rounding;
  const bool steps = numbers.rounds_steps;
  if (numbers.rounding == R::kFloat32) return use(Rows<R::kFloat32, R::kFloat32>());
  if (numbers.rounding == R::kFloat16) {
    return steps ? use(Rows<R::kFloat16, R::kFloat16>()) : use(Rows<R::kFloat16, R::kFloat32>());
  }
  return steps ? use(Rows<R::kBFloat16, R::kBFloat16>()) : use(Rows<R::kBFloat16, R::kFloat32>());
}

}  // namespace

void softmax_rows(const void* in, void* out, std::size_t rows, std::size_t length, RowNumbers numbers) {
  with_rows(numbers, [&](auto kind) {
    using Storage = typename decltype(kind)::Storage;
    for (std::size_t row = 0; row < rows; row += kRowsTogether) {
      kind.softmax(static_cast<const Storage*>(in) + row * length, static_cast<Storage*>(out) + row * length,
                   std::min(kRowsTogether, rows - row), length);
    }
  });
}

void logsumexp_rows(const void* in, void* out, std::size_t rows, std::size_t length, Rounding rounding) {
  with_rows({rounding, false}, [&](auto kind) {
    using Storage = typename decltype(kind)::Storage;
    for (std::size_t row = 0; row < rows; row += kRowsTogether) {
      kind.logsumexp(static_cast<const Storage*>(in) + row * length, static_cast<Storage*>(out) + row,
                     std::min(kRowsTogether, rows - row), length);
    }
  });
}

}  // namespace mlx_router

#endif
