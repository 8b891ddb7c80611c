#include <cmath>
#include <complex>

// LAPACK's geev, given NaN, prints on the output of the process; given an infinity, it writes outside of its memory.
// MLX finds these here first. They report such a matrix as geev reports NaN, and do not call it.
namespace {

constexpr int kMatrix = -4;

template <class T>
bool is_finite(const T* matrix, int n, int leading) {
  for (int column = 0; column < n; column++) {
    for (int row = 0; row < n; row++) {
      const T& value = matrix[static_cast<long>(column) * leading + row];
      if (!std::isfinite(std::real(value)) || !std::isfinite(std::imag(value))) return false;
    }
  }
  return true;
}

// With a workspace of length -1, geev only tells how much it needs.
template <class T>
bool refused(const T* matrix, int n, int leading, int workspace, int* info) {
  if (workspace == -1 || is_finite(matrix, n, leading)) return false;
  *info = kMatrix;
  return true;
}

}  // namespace

#define REAL_GEEV(NAME, T)                                                                                     \
  void scipy_##NAME(char*, char*, int*, T*, int*, T*, T*, T*, int*, T*, int*, T*, int*, int*);                 \
  void NAME(char* left, char* right, int* n, T* a, int* lda, T* wr, T* wi, T* vl, int* ldvl, T* vr, int* ldvr, \
            T* work, int* lwork, int* info) {                                                                  \
    if (refused(a, *n, *lda, *lwork, info)) return;                                                            \
    scipy_##NAME(left, right, n, a, lda, wr, wi, vl, ldvl, vr, ldvr, work, lwork, info);                       \
  }

#define COMPLEX_GEEV(NAME, T)                                                                                     \
  void scipy_##NAME(char*, char*, int*, T*, int*, T*, T*, int*, T*, int*, T*, int*, decltype(T().real())*, int*); \
  void NAME(char* left, char* right, int* n, T* a, int* lda, T* w, T* vl, int* ldvl, T* vr, int* ldvr, T* work,   \
            int* lwork, decltype(T().real())* rwork, int* info) {                                                 \
    if (refused(a, *n, *lda, *lwork, info)) return;                                                               \
    scipy_##NAME(left, right, n, a, lda, w, vl, ldvl, vr, ldvr, work, lwork, rwork, info);                        \
  }

#pragma GCC visibility push(default)
extern "C" {
REAL_GEEV(sgeev_, float)
REAL_GEEV(dgeev_, double)
COMPLEX_GEEV(cgeev_, std::complex<float>)
}
#pragma GCC visibility pop
