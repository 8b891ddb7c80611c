#include "kernels/panels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>

// Without FMA, which rounds once where MLX rounds twice.
#define MLX_ROUTER_AVX2 __attribute__((target("avx2,f16c")))
#define MLX_ROUTER_INLINE MLX_ROUTER_AVX2 __attribute__((always_inline)) inline

namespace mlx_router {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kBlocks = kPanelColumns / kLanes;
// So many values fill whole words, whatever their bits, and never are of two groups.
constexpr std::size_t kRun = 32;
// Values of a vector whose part of the matrix is dequantized before it is used: half of the first cache.
constexpr std::size_t kDepth = 128;

template <Rounding kRounding>
struct Number;

template <>
struct Number<Rounding::kFloat32> {
  using Storage = float;
  MLX_ROUTER_INLINE static __m256 rounded(__m256 value) { return value; }
  MLX_ROUTER_INLINE static float widened(float value) { return value; }
  MLX_ROUTER_INLINE static __m256 load(const float* from) { return _mm256_loadu_ps(from); }
  MLX_ROUTER_INLINE static void store(float* to, __m256 value) { _mm256_storeu_ps(to, value); }
};

template <>
struct Number<Rounding::kBFloat16> {
  using Storage = std::uint16_t;
  // To the nearest, ties to even; not a number becomes MLX's own.
  MLX_ROUTER_INLINE static __m256 rounded(__m256 value) {
    const __m256i bits = _mm256_castps_si256(value);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i up = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i cut = _mm256_and_si256(up, _mm256_set1_epi32(static_cast<int>(0xffff0000u)));
    const __m256 unordered = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
    return _mm256_blendv_ps(_mm256_castsi256_ps(cut), _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc00000)), unordered);
  }
  MLX_ROUTER_INLINE static float widened(Storage value) {
    return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(static_cast<int>(std::uint32_t{value} << 16))));
  }
  MLX_ROUTER_INLINE static __m256 load(const Storage* from) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
  MLX_ROUTER_INLINE static void store(Storage* to, __m256 value) {
    const __m256i high = _mm256_srli_epi32(_mm256_castps_si256(value), 16);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(high, high), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
  }
};

template <>
struct Number<Rounding::kFloat16> {
  using Storage = std::uint16_t;
  static constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  MLX_ROUTER_INLINE static __m256 rounded(__m256 value) { return _mm256_cvtph_ps(_mm256_cvtps_ph(value, kNearest)); }
  MLX_ROUTER_INLINE static float widened(Storage value) { return _cvtsh_ss(value); }
  MLX_ROUTER_INLINE static __m256 load(const Storage* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  MLX_ROUTER_INLINE static void store(Storage* to, __m256 value) {
    const __m128i bits = _mm256_cvtps_ph(value, kNearest);
    // Not a number becomes MLX's own, with its sign.
    const __m256i unordered = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
    const __m128i narrow =
        _mm256_castsi256_si128(_mm256_permute4x64_epi64(_mm256_packs_epi32(unordered, unordered), 0x08));
    const __m128i sign = _mm_and_si128(bits, _mm_set1_epi16(static_cast<short>(0x8000)));
    const __m128i own = _mm_or_si128(sign, _mm_set1_epi16(0x7d00));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_blendv_epi8(bits, own, narrow));
  }
};

/** The rows of a block, one to a lane; behind the last row of the matrix stands the last row again. */
struct Block {
  std::size_t row[kLanes];
};

MLX_ROUTER_INLINE Block block_at(const QuantizedMatrix& matrix, std::size_t first) {
  Block block;
  for (std::size_t lane = 0; lane < kLanes; lane++) block.row[lane] = std::min(first + lane, matrix.count - 1);
  return block;
}

template <Rounding kRounding>
MLX_ROUTER_INLINE __m256 of_lanes(const void* values, const Block& block, std::size_t stride, std::size_t at) {
  using N = Number<kRounding>;
  const auto* from = static_cast<const typename N::Storage*>(values) + at;
  const std::size_t* row = block.row;
  return _mm256_setr_ps(N::widened(from[row[0] * stride]), N::widened(from[row[1] * stride]),
                        N::widened(from[row[2] * stride]), N::widened(from[row[3] * stride]),
                        N::widened(from[row[4] * stride]), N::widened(from[row[5] * stride]),
                        N::widened(from[row[6] * stride]), N::widened(from[row[7] * stride]));
}

/** The words of a run of each row: in `words[i]` the i-th of every row. */
template <int kWords>
MLX_ROUTER_INLINE void load_words(const std::uint32_t* from, const Block& block, std::size_t stride,
                                  __m256i words[kWords]) {
  const std::size_t* row = block.row;
  constexpr int kWhole = kWords / 4 * 4;
  for (int w = 0; w < kWhole; w += 4) {
    __m256i rows[4];
    for (int i = 0; i < 4; i++) {
      const auto* low = reinterpret_cast<const __m128i*>(from + row[i] * stride + w);
      const auto* high = reinterpret_cast<const __m128i*>(from + row[i + 4] * stride + w);
      rows[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1);
    }
    const __m256i a = _mm256_unpacklo_epi32(rows[0], rows[1]);
    const __m256i b = _mm256_unpackhi_epi32(rows[0], rows[1]);
    const __m256i c = _mm256_unpacklo_epi32(rows[2], rows[3]);
    const __m256i d = _mm256_unpackhi_epi32(rows[2], rows[3]);
    words[w] = _mm256_unpacklo_epi64(a, c);
    words[w + 1] = _mm256_unpackhi_epi64(a, c);
    words[w + 2] = _mm256_unpacklo_epi64(b, d);
    words[w + 3] = _mm256_unpackhi_epi64(b, d);
  }
  const auto word = [&](int lane, int w) { return static_cast<int>(from[row[lane] * stride + w]); };
  for (int w = kWhole; w < kWords; w++) {
    words[w] = _mm256_setr_epi32(word(0, w), word(1, w), word(2, w), word(3, w), word(4, w), word(5, w), word(6, w),
                                 word(7, w));
  }
}

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
      : matrix_(matrix), block_(block_at(matrix, first)), mask_(_mm256_set1_epi32((1 << kBits) - 1)) {}

  /** Goes to the run at `k`; `fresh` where the one before was not its neighbor. */
  MLX_ROUTER_INLINE void load(std::size_t k, bool fresh) {
    if (fresh || k % matrix_.group_size == 0) {
      const std::size_t groups = matrix_.depth / matrix_.group_size;
      scale_ = of_lanes<kRounding>(matrix_.scales, block_, groups, k / matrix_.group_size);
      bias_ = of_lanes<kRounding>(matrix_.biases, block_, groups, k / matrix_.group_size);
    }
    load_words<kBits>(matrix_.words + k * kBits / 32, block_, matrix_.depth * kBits / 32, words_);
  }

  /** The value at `i` of the run, of each row; `i` is known when this is compiled. */
  MLX_ROUTER_INLINE __m256 value(int i) const {
    const int word = i * kBits / 32;
    const int shift = i * kBits % 32;
    __m256i q = _mm256_srli_epi32(words_[word], shift);
    if (shift + kBits > 32) q = _mm256_or_si256(q, _mm256_slli_epi32(words_[word + 1], 32 - shift));
    return dequantized<kRounding>(_mm256_and_si256(q, mask_), scale_, bias_);
  }

 private:
  const QuantizedMatrix& matrix_;
  const Block block_;
  const __m256i mask_;
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
      rows.load(k, k == from);
#pragma GCC unroll 32
      for (int i = 0; i < static_cast<int>(kRun); i++) {
        _mm256_store_ps(to, rows.value(i));
        to += kPanelColumns;
      }
    }
  }
}

/** Multiplies one vector with the rows, which needs no panel. Two blocks take turns, for a sum waits for the last. */
template <Rounding kRounding, int kBits>
MLX_ROUTER_AVX2 void multiply_one(const QuantizedMatrix& matrix, std::size_t first, const void* x, float* sums) {
  using N = Number<kRounding>;
  const auto* vector = static_cast<const typename N::Storage*>(x);
  for (std::size_t b = 0; b < kBlocks; b += 2) {
    Rows<kRounding, kBits> left(matrix, first + b * kLanes);
    Rows<kRounding, kBits> right(matrix, first + (b + 1) * kLanes);
    __m256 left_sum = _mm256_setzero_ps();
    __m256 right_sum = _mm256_setzero_ps();
    for (std::size_t k = 0; k < matrix.depth; k += kRun) {
      left.load(k, k == 0);
      right.load(k, k == 0);
#pragma GCC unroll 32
      for (int i = 0; i < static_cast<int>(kRun); i++) {
        const __m256 value = _mm256_set1_ps(N::widened(vector[k + i]));
        left_sum = N::rounded(_mm256_add_ps(left_sum, N::rounded(_mm256_mul_ps(value, left.value(i)))));
        right_sum = N::rounded(_mm256_add_ps(right_sum, N::rounded(_mm256_mul_ps(value, right.value(i)))));
      }
    }
    _mm256_store_ps(sums + b * kLanes, left_sum);
    _mm256_store_ps(sums + (b + 1) * kLanes, right_sum);
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
    // Where sums are rounded, two of them take longer than the four of a panel.
    if (kRounding == Rounding::kFloat32 && vectors == 1 && matrix.transposed) {
      multiply_one<kRounding, kBits>(matrix, first, x_start, sums);
    } else {
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

bool has_panels() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
  return has;
}

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

#else

namespace mlx_router {

bool has_panels() { return false; }
void multiply_panel(const QuantizedMatrix&, std::size_t, const void*, std::size_t, void*, Rounding) {}

}  // namespace mlx_router

#endif
