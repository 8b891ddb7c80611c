#include "vector_products.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include "kernels/lanes.h"
#include "kernels/parallel.h"

// OpenBLAS computes the product of a matrix with a single vector as it does that of two matrices, copying the matrix
// first, which takes three to four times as long as reading it. Each result is the sum of fused multiply-adds over a
// part of the values, from the first to the last, and the sums of the parts are added. So a result depends neither on
// how the matrix is stored nor on what else is computed: here the lanes of a register are results, and the bits are the
// same.
//
// How the values are parted depends on the processor that OpenBLAS is made for. The ways that are known are tried.
// Where OpenBLAS has none of them, as on processors with AVX-512, for which it adds in different orders depending on
// size and storage, one way is taken whatever the storage.
#define MLX_ROUTER_FMA __attribute__((target("avx2,fma")))
#define MLX_ROUTER_INLINE MLX_ROUTER_FMA __attribute__((always_inline)) inline

namespace mlx_router {
namespace {

// From so many multiplications on OpenBLAS uses several threads, and parts the values in another way.
constexpr double kThreaded = 2 * 4 * 65536.0;

/** How the values of a vector are parted. */
struct Parts {
  int size;
  /** What the last two parts are rounded up to, if one thread computes. */
  int unit;
  /** Whether OpenBLAS with several threads parts large products in another way. */
  bool varies;

  int next(int left, bool threaded) const {
    if (left >= 2 * size) return size;
    if (left <= size) return left;
    return threaded ? (left + 1) / 2 : (left / 2 + unit - 1) / unit * unit;
  }
};

bool is_threaded(const VectorProduct& product, const Parts& parts, int threads) {
  return parts.varies && threads > 1 && static_cast<double>(product.count) * product.depth >= kThreaded;
}

MLX_ROUTER_INLINE void prefetch(const float* at) { _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0); }

constexpr int kWidth = kLanes;
constexpr int kRowBlocks = 2;
constexpr int kRows = kRowBlocks * kWidth;

MLX_ROUTER_INLINE Lanes<float> lanes_at(const VectorProduct& product, int first) {
  return Lanes<float>(product.matrix, product.stride, first, product.count);
}

/** Results of rows, each of which is contiguous. */
MLX_ROUTER_FMA void of_rows(const VectorProduct& product, const Parts& parts, bool threaded, int first, float* out) {
  const Lanes<float> blocks[kRowBlocks] = {lanes_at(product, first), lanes_at(product, first + kWidth)};
  // What comes next is further away than the processor looks by itself.
  const long next = kRows * product.stride;
  __m256 sums[kRowBlocks] = {};
  for (int k = 0, end = 0; k < product.depth; k = end) {
    end = k + parts.next(product.depth - k, threaded);
    __m256 part[kRowBlocks] = {};
    int at = k;
    for (; at + 4 <= end; at += 4) {
      for (int b = 0; b < kRowBlocks; b++) {
        if (at % 16 < 4) {
          for (const float* row : blocks[b].row) prefetch(row + next + at);
        }
        __m256i values[4];
        load_four(blocks[b], at, values);
        for (int i = 0; i < 4; i++) {
          const __m256 value = _mm256_broadcast_ss(product.vector + at + i);
          part[b] = _mm256_fmadd_ps(value, _mm256_castsi256_ps(values[i]), part[b]);
        }
      }
    }
    for (; at < end; at++) {
      for (int b = 0; b < kRowBlocks; b++) {
        const float* const* r = blocks[b].row;
        const __m256 values =
            _mm256_setr_ps(r[0][at], r[1][at], r[2][at], r[3][at], r[4][at], r[5][at], r[6][at], r[7][at]);
        part[b] = _mm256_fmadd_ps(_mm256_broadcast_ss(product.vector + at), values, part[b]);
      }
    }
    for (int b = 0; b < kRowBlocks; b++) sums[b] = _mm256_add_ps(sums[b], part[b]);
  }
  alignas(32) float results[kRows];
  for (int b = 0; b < kRowBlocks; b++) _mm256_store_ps(results + b * kWidth, sums[b]);
  std::copy_n(results, std::min(kRows, product.count - first), out + first);
}

constexpr int kColumnBlocks = 8;
constexpr int kColumns = kColumnBlocks * kWidth;

/** Results of columns, of which `kColumns` stand together in each row. */
MLX_ROUTER_FMA void of_columns(const VectorProduct& product, const Parts& parts, bool threaded, int first, float* out) {
  constexpr int kAhead = 8;
  const float* const matrix = product.matrix + first;
  __m256 sums[kColumnBlocks] = {};
  for (int k = 0, end = 0; k < product.depth; k = end) {
    end = k + parts.next(product.depth - k, threaded);
    __m256 part[kColumnBlocks] = {};
    for (int at = k; at < end; at++) {
      const float* const row = matrix + at * product.stride;
      const __m256 value = _mm256_broadcast_ss(product.vector + at);
      for (int b = 0; b < kColumnBlocks; b++) {
        if (b % 2 == 0) prefetch(row + kAhead * product.stride + b * kWidth);
        part[b] = _mm256_fmadd_ps(value, _mm256_loadu_ps(row + b * kWidth), part[b]);
      }
    }
    for (int b = 0; b < kColumnBlocks; b++) sums[b] = _mm256_add_ps(sums[b], part[b]);
  }
  for (int b = 0; b < kColumnBlocks; b++) _mm256_storeu_ps(out + first + b * kWidth, sums[b]);
}

/** One column, where fewer than `kColumns` are left. */
void of_column(const VectorProduct& product, const Parts& parts, bool threaded, int column, float* out) {
  float sum = 0;
  for (int k = 0, end = 0; k < product.depth; k = end) {
    end = k + parts.next(product.depth - k, threaded);
    float part = 0;
    for (int at = k; at < end; at++) {
      part = std::fma(product.vector[at], product.matrix[at * product.stride + column], part);
    }
    sum += part;
  }
  out[column] = sum;
}

void compute(const VectorProduct& product, const Parts& parts, bool threaded, float* out) {
  const int width = product.by_rows ? kRows : kColumns;
  const int shares = (product.count + width - 1) / width;
  const auto share = [&](std::size_t i) {
    const int first = static_cast<int>(i) * width;
    if (product.by_rows) return of_rows(product, parts, threaded, first, out);
    if (first + kColumns <= product.count) return of_columns(product, parts, threaded, first, out);
    for (int column = first; column < product.count; column++) of_column(product, parts, threaded, column, out);
  };
  for_each_index(shares, static_cast<std::size_t>(product.count) * product.depth, share);
}

struct Sizes {
  int count;
  int depth;
};

// One part and several, the last two of all sizes, results for whole registers and for parts of them, and the last for
// several threads.
constexpr Sizes kSamples[] = {{3, 1}, {90, 7}, {17, 321}, {90, 470}, {70, 639}, {17, 1153}, {33, 2050}, {600, 900}};

/** What products are tried with: numbers of both signs whose sums are rounded. */
struct Trial {
  std::vector<float> matrix = std::vector<float>(600 * 900);
  std::vector<float> vector = std::vector<float>(2050);
  std::vector<float> expected = std::vector<float>(600);
  std::vector<float> out = std::vector<float>(600);

  Trial() {
    unsigned state = 1;
    const auto draw = [&] {
      return static_cast<float>(static_cast<int>(state = state * 1664525u + 1013904223u)) * 1e-9f;
    };
    std::generate(vector.begin(), vector.end(), draw);
    std::generate(matrix.begin(), matrix.end(), draw);
  }

  /** Whether parts so made give the bits that `reference` gives, where they differ from other parts. */
  bool agrees(const Parts& parts, int threads, SingleProduct* reference) {
    for (const auto& [count, depth] : kSamples) {
      for (const bool by_rows : {true, false}) {
        const VectorProduct product{matrix.data(), vector.data(), count, depth, by_rows ? depth : count, by_rows};
        for (const bool from_left : {true, false}) {
          reference(product, from_left, expected.data());
          compute(product, parts, is_threaded(product, parts, threads), out.data());
          if (!std::equal(out.begin(), out.begin() + count, expected.begin())) return false;
        }
      }
    }
    return true;
  }
};

Parts known_parts(int threads, SingleProduct* reference) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return {0, 0, false};
  Trial trial;
  for (const int size : {320, 384, 256, 352, 448, 512, 192, 640}) {
    for (const int unit : {8, 16, 4, 32}) {
      const Parts parts{size, unit, true};
      if (trial.agrees(parts, threads, reference)) return parts;
    }
  }
  return {320, 8, false};
}

}  // namespace

bool multiply_vector(const VectorProduct& product, int threads, SingleProduct* reference, float* out) try {
  static const Parts parts = known_parts(threads, reference);
  if (parts.size == 0) return false;
  compute(product, parts, is_threaded(product, parts, threads), out);
  return true;
} catch (const std::bad_alloc&) {
  // OpenBLAS may still have the memory that it needs.
  return false;
}

}  // namespace mlx_router

#else

namespace mlx_router {

bool multiply_vector(const VectorProduct&, int, SingleProduct*, float*) { return false; }

}  // namespace mlx_router

#endif
