#include "kernels/panels.h"

#if defined(__x86_64__)

#include <algorithm>

#include "kernels/lanes.h"
#include "kernels/numbers.h"

namespace mlx_router {
namespace {

constexpr std::size_t kBlocks = kPanelColumns / kLanes;
// So many values fill whole words, whatever their bits, and never are of two groups.
constexpr std::size_t kRun = 32;
// Values of a vector whose part of the matrix is dequantized before it is used: half of the first cache.
constexpr std::size_t kDepth = 128;

template <Rounding kRounding>
MLX_ROUTER_INLINE __m256 of_lanes(const Lanes<typename Number<kRounding>::Storage>& lanes, std::size_t at) {
  using N = Number<kRounding>;
  const auto* const* row = lanes.row;
  return _mm256_setr_ps(N::widened(row[0][at]), N::widened(row[1][at]), N::widened(row[2][at]), N::widened(row[3][at]),
                        N::widened(row[4][at]), N::widened(row[5][at]), N::widened(row[6][at]), N::widened(row[7][at]));
}

/** The words of a run of each row: in `words[i]` the i-th of every row. */
template <int kWords>
MLX_ROUTER_INLINE void load_words(const Lanes<std::uint32_t>& lanes, std::size_t at, __m256i words[kWords]) {
  constexpr int kWhole = kWords / 4 * 4;
  for (int w = 0; w < kWhole; w += 4) load_four(lanes, at + w, words + w);
  const auto word = [&](int lane, int w) { return static_cast<int>(lanes.row[lane][at + w]); };
  for (int w = kWhole; w < kWords; w++) {
    words[w] = _mm256_setr_epi32(word(0, w), word(1, w), word(2, w), word(3, w), word(4, w), word(5, w), word(6, w),
                                 word(7, w));
  }
}

/** One value of each row for every group, of which four are read at a time. */
template <Rounding kRounding>
class OfGroups {
 public:
  MLX_ROUTER_INLINE OfGroups(const void* values, std::size_t groups, std::size_t first, std::size_t count)
      : lanes_(values, groups, first, count), groups_(groups) {}

  /** `fresh` where the group before was not its neighbor. */
  MLX_ROUTER_INLINE __m256 at(std::size_t group, bool fresh) {
    if constexpr (kRounding == Rounding::kFloat32) {
      if (groups_ >= 4) {
        if (fresh || group >= start_ + 4) {
          start_ = std::min(group, groups_ - 4);
          load_four(lanes_, start_, four_);
        }
        return _mm256_castsi256_ps(four_[group - start_]);
      }
    }
    return of_lanes<kRounding>(lanes_, group);
  }

 private:
  const Lanes<typename Number<kRounding>::Storage> lanes_;
  const std::size_t groups_;
  std::size_t start_ = 0;
  __m256i four_[4];
};

template <Rounding kRounding>
MLX_ROUTER_INLINE __m256 dequantized(__m256i q, __m256 scale, __m256 bias) {
  using N = Number<kRounding>;
  return N::rounded(_mm256_add_ps(N::rounded(_mm256_mul_ps(scale, _mm256_cvtepi32_ps(q))), bias));
}

/** Eight rows of a transposed matrix, a run of each at a time. */
template <Rounding kRounding, int kBits>
class Rows {
 public:
  MLX_ROUTER_INLINE Rows(const QuantizedMatrix& matrix, std::size_t first)
      : words_at_(matrix.words, matrix.depth * kBits / 32, first, matrix.count),
        scales_(matrix.scales, matrix.depth / matrix.group_size, first, matrix.count),
        biases_(matrix.biases, matrix.depth / matrix.group_size, first, matrix.count),
        runs_of_group_(matrix.group_size / kRun) {}

  /** Goes to a run; `fresh` where the one before was not its neighbor. */
  MLX_ROUTER_INLINE void load(std::size_t run, bool fresh) {
    if (fresh || run % runs_of_group_ == 0) {
      scale_ = scales_.at(run / runs_of_group_, fresh);
      bias_ = biases_.at(run / runs_of_group_, fresh);
    }
    load_words<kBits>(words_at_, run * kBits, words_);
  }

  /** The value at `i` of the run, of each row; `i` is known when this is compiled. */
  MLX_ROUTER_INLINE __m256 value(int i) const {
    const int word = i * kBits / 32;
    const int shift = i * kBits % 32;
    __m256i q = _mm256_srli_epi32(words_[word], shift);
    if (shift + kBits > 32) q = _mm256_or_si256(q, _mm256_slli_epi32(words_[word + 1], 32 - shift));
    if (shift + kBits != 32) q = _mm256_and_si256(q, _mm256_set1_epi32((1 << kBits) - 1));
    return dequantized<kRounding>(q, scale_, bias_);
  }

 private:
  const Lanes<std::uint32_t> words_at_;
  OfGroups<kRounding> scales_;
  OfGroups<kRounding> biases_;
  const std::size_t runs_of_group_;
  __m256 scale_{};
  __m256 bias_{};
  __m256i words_[kBits];
};

/**
 * Dequantizes what the values `from` to `until` of a vector are multiplied with: in `panel` the values of one for all
 * results stand together.
 */
template <Rounding kRounding, int kBits>
MLX_ROUTER_AVX2 void dequantize_rows(const QuantizedMatrix& matrix, std::size_t first, std::size_t from,
                                     std::size_t until, float* panel) {
  for (std::size_t b = 0; b < kBlocks; b++) {
    Rows<kRounding, kBits> rows(matrix, first + b * kLanes);
    float* to = panel + b * kLanes;
    for (std::size_t k = from; k < until; k += kRun) {
      rows.load(k / kRun, k == from);
#pragma GCC unroll 32
      for (int i = 0; i < static_cast<int>(kRun); i++) {
        _mm256_store_ps(to, rows.value(i));
        to += kPanelColumns;
      }
    }
  }
}

// The rows are contiguous, but no more than a few bytes of each are read at a time: the processor does not see by
// itself what comes next.
MLX_ROUTER_INLINE void prefetch(const void* start, std::size_t bytes) {
  const auto* at = static_cast<const char*>(start);
  for (std::size_t i = 0; i < bytes; i += 64) _mm_prefetch(at + i, _MM_HINT_T0);
}

/** Multiplies one vector with the rows, which needs no panel. Two blocks take turns, for a sum waits for the last. */
template <int kBits>
MLX_ROUTER_AVX2 void multiply_one(const QuantizedMatrix& matrix, std::size_t first, const float* vector, float* sums) {
  constexpr std::size_t kPair = 2 * kLanes;
  const std::size_t runs = matrix.depth / kRun;
  const std::size_t groups = matrix.depth / matrix.group_size;
  const std::size_t group_runs = matrix.group_size / kRun;
  for (std::size_t b = 0; b < kPanelColumns; b += kPair) {
    Rows<Rounding::kFloat32, kBits> left(matrix, first + b);
    Rows<Rounding::kFloat32, kBits> right(matrix, first + b + kLanes);
    __m256 left_sum = _mm256_setzero_ps();
    __m256 right_sum = _mm256_setzero_ps();
    const std::size_t next = first + b + kPair;
    const auto* next_words = matrix.words + next * runs * kBits;
    const auto* next_scales = static_cast<const float*>(matrix.scales) + next * groups;
    const auto* next_biases = static_cast<const float*>(matrix.biases) + next * groups;
    for (std::size_t run = 0; run < runs; run++) {
      prefetch(next_words + run * kPair * kBits, kPair * kBits * sizeof(std::uint32_t));
      if (run % group_runs == 0) {
        prefetch(next_scales + run / group_runs * kPair, kPair * sizeof(float));
        prefetch(next_biases + run / group_runs * kPair, kPair * sizeof(float));
      }
      left.load(run, run == 0);
      right.load(run, run == 0);
      const float* values = vector + run * kRun;
#pragma GCC unroll 32
      for (int i = 0; i < static_cast<int>(kRun); i++) {
        const __m256 value = _mm256_broadcast_ss(values + i);
        left_sum = _mm256_add_ps(left_sum, _mm256_mul_ps(value, left.value(i)));
        right_sum = _mm256_add_ps(right_sum, _mm256_mul_ps(value, right.value(i)));
      }
    }
    _mm256_store_ps(sums + b, left_sum);
    _mm256_store_ps(sums + b + kLanes, right_sum);
  }
}

/** The same where the matrix is not transposed: lanes are values of one row that follow each other. */
template <Rounding kRounding, int kBits>
MLX_ROUTER_AVX2 void dequantize_columns(const QuantizedMatrix& matrix, std::size_t first, std::size_t from,
                                        std::size_t until, float* panel) {
  using N = Number<kRounding>;
  const std::size_t row_words = matrix.count * kBits / 32;
  const std::size_t groups = matrix.count / matrix.group_size;
  const __m256i mask = _mm256_set1_epi32((1 << kBits) - 1);
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i inside = _mm256_cmpgt_epi32(_mm256_set1_epi32(kBits), lanes);
  const auto* scales = static_cast<const typename N::Storage*>(matrix.scales) + first / matrix.group_size;
  const auto* biases = static_cast<const typename N::Storage*>(matrix.biases) + first / matrix.group_size;
  for (std::size_t k = from; k < until; k++) {
    const __m256 scale = _mm256_set1_ps(N::widened(scales[k * groups]));
    const __m256 bias = _mm256_set1_ps(N::widened(biases[k * groups]));
    const auto* words = reinterpret_cast<const int*>(matrix.words + k * row_words + first * kBits / 32);
    const __m256i run = _mm256_maskload_epi32(words, inside);
    for (std::size_t b = 0; b < kBlocks; b++) {
      const __m256i at = _mm256_mullo_epi32(_mm256_add_epi32(lanes, _mm256_set1_epi32(static_cast<int>(b * kLanes))),
                                            _mm256_set1_epi32(kBits));
      const __m256i word = _mm256_srli_epi32(at, 5);
      const __m256i shift = _mm256_and_si256(at, _mm256_set1_epi32(31));
      // What the next word adds to a value that ends in its own lies above the mask.
      const __m256i low = _mm256_srlv_epi32(_mm256_permutevar8x32_epi32(run, word), shift);
      const __m256i next = _mm256_permutevar8x32_epi32(run, _mm256_add_epi32(word, _mm256_set1_epi32(1)));
      const __m256i high = _mm256_sllv_epi32(next, _mm256_sub_epi32(_mm256_set1_epi32(32), shift));
      const __m256i q = _mm256_and_si256(_mm256_or_si256(low, high), mask);
      _mm256_store_ps(panel + (k - from) * kPanelColumns + b * kLanes, dequantized<kRounding>(q, scale, bias));
    }
  }
}

/** Adds the products of `kVectors` vectors with `kColumns * 8` columns of the panel. `out` goes on where it stands. */
template <Rounding kRounding, std::size_t kVectors, std::size_t kColumns>
MLX_ROUTER_INLINE void add_products(const float* panel, std::size_t depth, const float* x, std::size_t x_stride,
                                    float* out, std::size_t out_stride) {
  using N = Number<kRounding>;
  __m256 sums[kVectors][kColumns];
  for (std::size_t v = 0; v < kVectors; v++) {
    for (std::size_t c = 0; c < kColumns; c++) sums[v][c] = _mm256_loadu_ps(out + v * out_stride + c * kLanes);
  }
  for (std::size_t k = 0; k < depth; k++) {
    for (std::size_t v = 0; v < kVectors; v++) {
      const __m256 value = _mm256_broadcast_ss(x + v * x_stride + k);
      for (std::size_t c = 0; c < kColumns; c++) {
        const __m256 product = _mm256_mul_ps(value, _mm256_load_ps(panel + k * kPanelColumns + c * kLanes));
        sums[v][c] = N::rounded(_mm256_add_ps(sums[v][c], N::rounded(product)));
      }
    }
  }
  for (std::size_t v = 0; v < kVectors; v++) {
    for (std::size_t c = 0; c < kColumns; c++) _mm256_storeu_ps(out + v * out_stride + c * kLanes, sums[v][c]);
  }
}

// As many vectors at a time as keep their sums in registers and share what is dequantized.
constexpr std::size_t kVectorsAtOnce = 64;

/** Adds to the sums of some vectors what their values from `from` to `until` give. */
template <Rounding kRounding>
MLX_ROUTER_AVX2 void multiply_with_panel(const float* panel, std::size_t depth, const void* x, std::size_t stride,
                                         std::size_t vectors, float* sums) {
  using N = Number<kRounding>;
  using Storage = typename N::Storage;
  float widened[kVectorsAtOnce * kDepth];
  const auto* stored = static_cast<const Storage*>(x);
  const float* values = widened;
  if constexpr (kRounding == Rounding::kFloat32) {
    values = stored;
  } else {
    for (std::size_t v = 0; v < vectors; v++) {
      for (std::size_t k = 0; k < depth; k++) widened[v * kDepth + k] = N::widened(stored[v * stride + k]);
    }
    stride = kDepth;
  }
  std::size_t v = 0;
  for (; v + 4 <= vectors; v += 4) {
    for (std::size_t c = 0; c < kPanelColumns; c += 2 * kLanes) {
      add_products<kRounding, 4, 2>(panel + c, depth, values + v * stride, stride, sums + v * kPanelColumns + c,
                                    kPanelColumns);
    }
  }
  for (; v < vectors; v++) {
    add_products<kRounding, 1, kBlocks>(panel, depth, values + v * stride, stride, sums + v * kPanelColumns,
                                        kPanelColumns);
  }
}

template <Rounding kRounding, int kBits>
MLX_ROUTER_AVX2 void multiply(const QuantizedMatrix& matrix, std::size_t first, const void* x, std::size_t count,
                              void* out) {
  using N = Number<kRounding>;
  using Storage = typename N::Storage;
  alignas(32) float panel[kDepth * kPanelColumns];
  alignas(32) float sums[kVectorsAtOnce * kPanelColumns];
  const auto dequantize = matrix.transposed ? dequantize_rows<kRounding, kBits> : dequantize_columns<kRounding, kBits>;
  const std::size_t columns = std::min(kPanelColumns, matrix.count - first);
  for (std::size_t start = 0; start < count; start += kVectorsAtOnce) {
    const std::size_t vectors = std::min(kVectorsAtOnce, count - start);
    const auto* x_start = static_cast<const Storage*>(x) + start * matrix.depth;
    bool done = false;
    // Where sums are rounded, two of them take longer than the four of a panel.
    if constexpr (kRounding == Rounding::kFloat32) {
      done = vectors == 1 && matrix.transposed;
      if (done) multiply_one<kBits>(matrix, first, x_start, sums);
    }
    if (!done) {
      std::fill_n(sums, vectors * kPanelColumns, 0.0f);
      for (std::size_t from = 0; from < matrix.depth; from += kDepth) {
        const std::size_t until = std::min(from + kDepth, matrix.depth);
        dequantize(matrix, first, from, until, panel);
        multiply_with_panel<kRounding>(panel, until - from, x_start + from, matrix.depth, vectors, sums);
      }
    }
    for (std::size_t v = 0; v < vectors; v++) {
      alignas(32) Storage stored[kPanelColumns];
      for (std::size_t c = 0; c < kPanelColumns; c += kLanes) {
        N::store(stored + c, _mm256_load_ps(sums + v * kPanelColumns + c));
      }
      std::copy_n(stored, columns, static_cast<Storage*>(out) + (start + v) * matrix.count + first);
    }
  }
}

template <Rounding kRounding>
void multiply(const QuantizedMatrix& matrix, std::size_t first, const void* x, std::size_t count, void* out) {
  switch (matrix.bits) {
    case 2:
      return multiply<kRounding, 2>(matrix, first, x, count, out);
    case 3:
      return multiply<kRounding, 3>(matrix, first, x, count, out);
    case 4:
      return multiply<kRounding, 4>(matrix, first, x, count, out);
    case 5:
      return multiply<kRounding, 5>(matrix, first, x, count, out);
    case 6:
      return multiply<kRounding, 6>(matrix, first, x, count, out);
    default:
      return multiply<kRounding, 8>(matrix, first, x, count, out);
  }
}

}  // namespace

void multiply_panel(const QuantizedMatrix& matrix, std::size_t first, const void* x, std::size_t count, void* out,
                    Rounding rounding) {
  switch (rounding) {
    case Rounding::kFloat32:
      return multiply<Rounding::kFloat32>(matrix, first, x, count, out);
    case Rounding::kFloat16:
      return multiply<Rounding::kFloat16>(matrix, first, x, count, out);
    case Rounding::kBFloat16:
      return multiply<Rounding::kBFloat16>(matrix, first, x, count, out);
  }
}

}  // namespace mlx_router

#endif
