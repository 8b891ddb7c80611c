#pragma once

#include <optional>

#include "kernels/complex_batches.h"

namespace mlx_router {

/** The BLAS's product of matrices of complex64, `cblas_cgemm`. */
using ComplexGemm = void(int order, int transposed_a, int transposed_b, int m, int n, int k, const void* alpha,
                         const void* a, int lda, const void* b, int ldb, const void* beta, void* c, int ldc);

/** The order in which the BLAS adds, which depends on the processor; nothing where it is none of those that are known.
 */
std::optional<ComplexOrder> order_of(ComplexGemm* reference);

/** Whether `order` holds for a product of that size, whatever threads the BLAS has. */
bool holds_for(const ComplexOrder& order, std::size_t rows, std::size_t columns, std::size_t depth);

}  // namespace mlx_router
