#include <algorithm>
#include <cmath>
#include <complex>

// LAPACK's decompositions of matrices that are not symmetric are not made for NaN and infinities: geev prints on the
// output of the process or writes outside of its memory, and gesdd may never return. So such a matrix never gets there:
// it is reported as an illegal value of that parameter, as LAPACK itself does where it looks. MLX makes an error of
// that.
namespace {

/** The number of the parameter that holds the matrix, which is the same in all of these routines. */
constexpr int kMatrix = 4;

template <class T>
bool is_finite(const T* matrix, int rows, int columns, int leading) {
  for (int column = 0; column < columns; column++) {
    for (int row = 0; row < rows; row++) {
      const T& value = matrix[static_cast<long>(column) * leading + row];
      if (!std::isfinite(std::real(value)) || !std::isfinite(std::imag(value))) return false;
    }
  }
  return true;
}

// With a workspace of length -1, a routine only reports how much it needs.
template <class T>
bool refused(const T* matrix, int rows, int columns, int leading, int workspace, int* info) {
  if (workspace == -1 || is_finite(matrix, rows, columns, leading)) return false;
  *info = -kMatrix;
  return true;
}

}  // namespace

// MLX reads the eigenvalues of a real matrix also where there are none, and takes the last one, if it seems complex,
// for the first of a pair whose second it then writes behind its memory.
#define REAL_GEEV(NAME, T)                                                                                     \
  void scipy_##NAME(char*, char*, int*, T*, int*, T*, T*, T*, int*, T*, int*, T*, int*, int*);                 \
  void NAME(char* left, char* right, int* n, T* a, int* lda, T* wr, T* wi, T* vl, int* ldvl, T* vr, int* ldvr, \
            T* work, int* lwork, int* info) {                                                                  \
    if (!refused(a, *n, *n, *lda, *lwork, info)) {                                                             \
      scipy_##NAME(left, right, n, a, lda, wr, wi, vl, ldvl, vr, ldvr, work, lwork, info);                     \
    }                                                                                                          \
    if (*lwork != -1 && *info != 0) std::fill_n(wi, *n, T(0));                                                 \
  }

#define COMPLEX_GEEV(NAME, T, R)                                                                                \
  void scipy_##NAME(char*, char*, int*, T*, int*, T*, T*, int*, T*, int*, T*, int*, R*, int*);                  \
  void NAME(char* left, char* right, int* n, T* a, int* lda, T* w, T* vl, int* ldvl, T* vr, int* ldvr, T* work, \
            int* lwork, R* rwork, int* info) {                                                                  \
    if (refused(a, *n, *n, *lda, *lwork, info)) return;                                                         \
    scipy_##NAME(left, right, n, a, lda, w, vl, ldvl, vr, ldvr, work, lwork, rwork, info);                      \
  }

#define REAL_GESDD(NAME, T)                                                                                         \
  void scipy_##NAME(char*, int*, int*, T*, int*, T*, T*, int*, T*, int*, T*, int*, int*, int*);                     \
  void NAME(char* job, int* m, int* n, T* a, int* lda, T* s, T* u, int* ldu, T* vt, int* ldvt, T* work, int* lwork, \
            int* iwork, int* info) {                                                                                \
    if (refused(a, *m, *n, *lda, *lwork, info)) return;                                                             \
    scipy_##NAME(job, m, n, a, lda, s, u, ldu, vt, ldvt, work, lwork, iwork, info);                                 \
  }

#define COMPLEX_GESDD(NAME, T, R)                                                                                   \
  void scipy_##NAME(char*, int*, int*, T*, int*, R*, T*, int*, T*, int*, T*, int*, R*, int*, int*);                 \
  void NAME(char* job, int* m, int* n, T* a, int* lda, R* s, T* u, int* ldu, T* vt, int* ldvt, T* work, int* lwork, \
            R* rwork, int* iwork, int* info) {                                                                      \
    if (refused(a, *m, *n, *lda, *lwork, info)) return;                                                             \
    scipy_##NAME(job, m, n, a, lda, s, u, ldu, vt, ldvt, work, lwork, rwork, iwork, info);                          \
  }

#pragma GCC visibility push(default)
extern "C" {
REAL_GEEV(sgeev_, float)
REAL_GEEV(dgeev_, double)
COMPLEX_GEEV(cgeev_, std::complex<float>, float)
REAL_GESDD(sgesdd_, float)
REAL_GESDD(dgesdd_, double)
COMPLEX_GESDD(cgesdd_, std::complex<float>, float)
}
#pragma GCC visibility pop
