#include "small_products.h"
#include "vector_products.h"

// The products of matrices as libmlx calls them. OpenBLAS computes most; some take another way here.

namespace {

// CBLAS's own numbers.
enum Order : int { kRowMajor = 101 };
enum Transposed : int { kNo = 111, kYes = 112 };

}  // namespace

extern "C" {

void scipy_cblas_sgemm(Order, Transposed, Transposed, int m, int n, int k, float alpha, const float* a, int lda,
                       const float* b, int ldb, float beta, float* c, int ldc);
void scipy_cblas_dgemm(Order, Transposed, Transposed, int m, int n, int k, double alpha, const double* a, int lda,
                       const double* b, int ldb, double beta, double* c, int ldc);
int scipy_openblas_get_num_threads();

}  // extern "C"

namespace {

using mlx_router::Product;
using mlx_router::VectorProduct;

Transposed word(bool transposed) { return transposed ? kYes : kNo; }

void by_openblas(const Product<float>& p) {
  scipy_cblas_sgemm(kRowMajor, word(p.transposed_a), word(p.transposed_b), p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b,
                    p.ldb, p.beta, p.c, p.ldc);
}

void by_openblas(const Product<double>& p) {
  scipy_cblas_dgemm(kRowMajor, word(p.transposed_a), word(p.transposed_b), p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b,
                    p.ldb, p.beta, p.c, p.ldc);
}

void vector_by_openblas(const VectorProduct& product, bool from_left, float* out) {
  const auto& [matrix, vector, count, depth, stride, by_rows] = product;
  const int leading = static_cast<int>(stride);
  if (from_left) {
    by_openblas({false, by_rows, 1, count, depth, 1, vector, depth, matrix, leading, 0, out, count});
  } else {
    by_openblas({!by_rows, false, count, 1, depth, 1, matrix, leading, vector, 1, 0, out, 1});
  }
}

bool multiply_vector(const Product<double>&) { return false; }

bool multiply_vector(const Product<float>& p) {
  const bool left = p.m == 1 && p.n > 1;
  const bool right = p.n == 1 && p.m > 1 && p.ldc == 1;
  if (!(left || right) || p.k <= 0 || p.alpha != 1 || p.beta != 0) return false;
  const bool contiguous = left ? !p.transposed_a || p.lda == 1 : p.transposed_b || p.ldb == 1;
  if (!contiguous) return false;
  const VectorProduct product = left ? VectorProduct{p.b, p.a, p.n, p.k, p.ldb, p.transposed_b}
                                     : VectorProduct{p.a, p.b, p.m, p.k, p.lda, !p.transposed_a};
  return mlx_router::multiply_vector(product, scipy_openblas_get_num_threads(), vector_by_openblas, p.c);
}

/** Computes those products that are not left to OpenBLAS; false for the others. */
template <class T>
bool multiply_here(Order order, Transposed transposed_a, Transposed transposed_b, int m, int n, int k, T alpha,
                   const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc) {
  if (order != kRowMajor) return false;
  const Product<T> product{transposed_a == kYes, transposed_b == kYes, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc};
  return multiply_vector(product) || mlx_router::multiply_small<T>(product, by_openblas);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void cblas_sgemm(Order order, Transposed transposed_a, Transposed transposed_b,
                                                        int m, int n, int k, float alpha, const float* a, int lda,
                                                        const float* b, int ldb, float beta, float* c, int ldc) {
  if (multiply_here(order, transposed_a, transposed_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  scipy_cblas_sgemm(order, transposed_a, transposed_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

__attribute__((visibility("default"))) void cblas_dgemm(Order order, Transposed transposed_a, Transposed transposed_b,
                                                        int m, int n, int k, double alpha, const double* a, int lda,
                                                        const double* b, int ldb, double beta, double* c, int ldc) {
  if (multiply_here(order, transposed_a, transposed_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  scipy_cblas_dgemm(order, transposed_a, transposed_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // extern "C"
