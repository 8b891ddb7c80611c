#include "small_products.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

// For processors with AVX-512 OpenBLAS has kernels of small products, one for each storage of the operands, which add
// in different orders. So x @ w.T would have other bits than x @ u, where u has the same elements as w.T: what this
// process computes from a transposed array and what a worker computes from its copy would differ. Operands that are
// transposed are copied here, so that one kernel computes all.

namespace mlx_router {
namespace {

// Up to so many multiplications OpenBLAS may take those kernels.
constexpr double kSmall = 100.0 * 100.0 * 100.0;

/** The operand, `rows` × `columns`, by rows. */
template <class T>
void copy_by_rows(const T* transposed, int leading, int rows, int columns, T* out) {
  constexpr int kTile = 16;
  for (int top = 0; top < rows; top += kTile) {
    const int bottom = std::min(top + kTile, rows);
    for (int j = 0; j < columns; j++) {
      const T* const column = transposed + static_cast<long>(j) * leading;
      for (int i = top; i < bottom; i++) out[static_cast<long>(i) * columns + j] = column[i];
    }
  }
}

/** Whether the BLAS gives other bits for the same operands if they are stored in another way. */
template <class T>
bool depends_on_storage(AnyProduct<T>* reference) {
  constexpr struct {
    int m, n, k;
  } kSamples[] = {{100, 100, 100}, {33, 32, 37}, {60, 40, 400}, {1, 33, 64}, {33, 1, 64}};
  unsigned state = 1;
  const auto draw = [&] { return static_cast<T>(static_cast<int>(state = state * 1664525u + 1013904223u)) * T(1e-9); };
  for (const auto& [m, n, k] : kSamples) {
    std::vector<T> a(m * k), b(k * n), a_by_columns(m * k), b_by_columns(k * n), expected(m * n), out(m * n);
    std::generate(a.begin(), a.end(), draw);
    std::generate(b.begin(), b.end(), draw);
    copy_by_rows(a.data(), k, k, m, a_by_columns.data());
    copy_by_rows(b.data(), n, n, k, b_by_columns.data());
    reference({false, false, m, n, k, 1, a.data(), k, b.data(), n, 0, expected.data(), n});
    for (const auto& [left, right] : {std::pair{false, true}, {true, false}, {true, true}}) {
      reference({left, right, m, n, k, 1, (left ? a_by_columns : a).data(), left ? m : k,
                 (right ? b_by_columns : b).data(), right ? k : n, 0, out.data(), n});
      if (out != expected) return true;
    }
  }
  return false;
}

/** Puts a copy by rows, `rows` × `columns`, in the place of an operand that is transposed. */
template <class T>
void by_rows(bool& transposed, const T*& data, int& leading, int rows, int columns, std::vector<T>& memory) {
  if (!transposed) return;
  const std::size_t size = static_cast<std::size_t>(rows) * columns;
  if (memory.size() < size) memory.resize(size);
  copy_by_rows(data, leading, rows, columns, memory.data());
  transposed = false;
  data = memory.data();
  leading = columns;
}

}  // namespace

template <class T>
bool multiply_small(const Product<T>& product, AnyProduct<T>* reference) try {
  Product<T> p = product;
  if (!p.transposed_a && !p.transposed_b) return false;
  if (static_cast<double>(p.m) * p.n * p.k > kSmall || p.m <= 0 || p.n <= 0 || p.k <= 0) return false;
  static const bool needed = depends_on_storage(reference);
  if (!needed) return false;
  static thread_local std::vector<T> memory_a, memory_b;
  by_rows(p.transposed_a, p.a, p.lda, p.m, p.k, memory_a);
  by_rows(p.transposed_b, p.b, p.ldb, p.k, p.n, memory_b);
  reference(p);
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

template bool multiply_small(const Product<float>&, AnyProduct<float>*);
template bool multiply_small(const Product<double>&, AnyProduct<double>*);

}  // namespace mlx_router
