#pragma once

namespace mlx_router {

/** `m` × `k` by `k` × `n`, with CBLAS's leading dimensions; an operand that is transposed lies there by its columns. */
template <class T>
struct Product {
  bool transposed_a;
  bool transposed_b;
  int m;
  int n;
  int k;
  T alpha;
  const T* a;
  int lda;
  const T* b;
  int ldb;
  T beta;
  T* c;
  int ldc;
};

/** The BLAS's own product. */
template <class T>
using AnyProduct = void(const Product<T>& product);

/**
 * Computes a product that is so small that the BLAS has kernels for each storage of its operands, from operands by
 * rows, if those kernels give other bits for other storages.
 * @return false where `reference` itself should be called
 */
template <class T>
bool multiply_small(const Product<T>& product, AnyProduct<T>* reference);

}  // namespace mlx_router
