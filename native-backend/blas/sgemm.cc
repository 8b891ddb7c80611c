#include "vector_products.h"

namespace {

// CBLAS's own numbers.
enum Order : int { kRowMajor = 101 };
enum Transposed : int { kNo = 111, kYes = 112 };

}  // namespace

extern "C" {

void scipy_cblas_sgemm(Order, Transposed, Transposed, int m, int n, int k, float alpha, const float* a, int lda,
                       const float* b, int ldb, float beta, float* c, int ldc);
int scipy_openblas_get_num_threads();

}  // extern "C"

namespace {

void by_openblas(const mlx_router::VectorProduct& product, bool from_left, float* out) {
  const auto& [matrix, vector, count, depth, stride, by_rows] = product;
  const int leading = static_cast<int>(stride);
  if (from_left) {
    scipy_cblas_sgemm(kRowMajor, kNo, by_rows ? kYes : kNo, 1, count, depth, 1, vector, depth, matrix, leading, 0, out,
                      count);
  } else {
    scipy_cblas_sgemm(kRowMajor, by_rows ? kNo : kYes, kNo, count, 1, depth, 1, matrix, leading, vector, 1, 0, out, 1);
  }
}

}  // namespace

// A product with a single vector takes another way, which gives the same bits.
extern "C" __attribute__((visibility("default"))) void cblas_sgemm(Order order, Transposed transposed_a,
                                                                   Transposed transposed_b, int m, int n, int k,
                                                                   float alpha, const float* a, int lda, const float* b,
                                                                   int ldb, float beta, float* c, int ldc) {
  const bool left = m == 1 && n > 1;
  const bool right = n == 1 && m > 1 && ldc == 1;
  if (order == kRowMajor && (left || right) && k > 0 && alpha == 1 && beta == 0) {
    const bool contiguous = left ? transposed_a == kNo || lda == 1 : transposed_b == kYes || ldb == 1;
    if (contiguous) {
      const mlx_router::VectorProduct product = left ? mlx_router::VectorProduct{b, a, n, k, ldb, transposed_b == kYes}
                                                     : mlx_router::VectorProduct{a, b, m, k, lda, transposed_a == kNo};
      if (mlx_router::multiply_vector(product, scipy_openblas_get_num_threads(), by_openblas, c)) return;
    }
  }
  scipy_cblas_sgemm(order, transposed_a, transposed_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
