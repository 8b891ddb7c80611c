#include "kernels/arithmetic.h"

#if defined(__x86_64__) && defined(__linux__)

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "kernels/numbers.h"
#include "kernels/runs.h"

namespace mlx_router {
namespace {

constexpr std::size_t kVector = 8;

constexpr bool is_comparison(Operation operation) { return operation >= Operation::kEqual; }

/** Whether the result is one of the operands as it is, or neither. */
constexpr bool is_choice(Operation operation) {
  return operation == Operation::kMaximum || operation == Operation::kMinimum;
}

template <Operation kOperation>
constexpr float combined(float a, float b) {
  if constexpr (kOperation == Operation::kAdd) return a + b;
  if constexpr (kOperation == Operation::kSubtract) return a - b;
  if constexpr (kOperation == Operation::kMultiply) return a * b;
  if constexpr (kOperation == Operation::kDivide) return a / b;
  if constexpr (kOperation == Operation::kMaximum) return a != a || a > b ? a : b;
  return a != a || a < b ? a : b;
}

/** Calls `combine(a, b, out)` with where each row begins. */
template <typename Operand, typename Result, typename Combine>
void each_row(const OperandRows& all, Combine combine) {
  const auto* first = static_cast<const Operand*>(all.a);
  const auto* second = static_cast<const Operand*>(all.b);
  auto* out = static_cast<Result*>(all.out);
  for (std::size_t group = 0; group < all.groups.count; group++) {
    const Operand* a = first;
    const Operand* b = second;
    for (std::size_t row = 0; row < all.rows.count; row++) {
      combine(a, b, out);
      a += all.rows.a_step, b += all.rows.b_step, out += all.columns;
    }
    first += all.groups.a_step, second += all.groups.b_step;
  }
}

/** Of numbers of 32 bits; the compiler makes vectors of the loop. */
template <Operation kOperation, bool kOneA, bool kOneB>
void combine_numbers(const OperandRows& all) {
  each_row<float, float>(all, [columns = all.columns](const float* a, const float* b, float* out) {
    const float first = *a;
    const float second = *b;
    // No place is read after it was written.
#pragma GCC ivdep
    for (std::size_t i = 0; i < columns; i++)
      out[i] = combined<kOperation>(kOneA ? first : a[i], kOneB ? second : b[i]);
  });
}

template <Operation kOperation>
__m256 combined(__m256 a, __m256 b) {
  if constexpr (kOperation == Operation::kAdd) return _mm256_add_ps(a, b);
  if constexpr (kOperation == Operation::kSubtract) return _mm256_sub_ps(a, b);
  if constexpr (kOperation == Operation::kMultiply) return _mm256_mul_ps(a, b);
  return _mm256_div_ps(a, b);
}

/** Words of 16 bits, all of them set where it holds. */
template <Operation kOperation>
__m128i holds(__m256 a, __m256 b) {
  __m256 mask;
  if constexpr (kOperation == Operation::kMaximum) {
    mask = _mm256_or_ps(_mm256_cmp_ps(a, a, _CMP_UNORD_Q), _mm256_cmp_ps(a, b, _CMP_GT_OQ));
  } else if constexpr (kOperation == Operation::kMinimum) {
    mask = _mm256_or_ps(_mm256_cmp_ps(a, a, _CMP_UNORD_Q), _mm256_cmp_ps(a, b, _CMP_LT_OQ));
  } else if constexpr (kOperation == Operation::kEqual) {
    mask = _mm256_cmp_ps(a, b, _CMP_EQ_OQ);
  } else if constexpr (kOperation == Operation::kNotEqual) {
    mask = _mm256_cmp_ps(a, b, _CMP_NEQ_UQ);
  } else if constexpr (kOperation == Operation::kLess) {
    mask = _mm256_cmp_ps(a, b, _CMP_LT_OQ);
  } else if constexpr (kOperation == Operation::kLessEqual) {
    mask = _mm256_cmp_ps(a, b, _CMP_LE_OQ);
  } else if constexpr (kOperation == Operation::kGreater) {
    mask = _mm256_cmp_ps(a, b, _CMP_GT_OQ);
  } else {
    mask = _mm256_cmp_ps(a, b, _CMP_GE_OQ);
  }
  const __m256i bits = _mm256_castps_si256(mask);
  return _mm_packs_epi32(_mm256_castsi256_si128(bits), _mm256_extracti128_si256(bits, 1));
}

__m128i words(const std::uint16_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

/** Eight results of eight operands each. */
template <Operation kOperation, Rounding kRounding, typename Operand, typename Result>
void combine_eight(const Operand* a, const Operand* b, Result* out) {
  using N = Number<kRounding>;
  const __m256 x = N::load(a);
  const __m256 y = N::load(b);
  if constexpr (is_comparison(kOperation)) {
    const __m128i mask = holds<kOperation>(x, y);
    const __m128i ones = _mm_and_si128(_mm_packs_epi16(mask, mask), _mm_set1_epi8(1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), ones);
  } else if constexpr (is_choice(kOperation)) {
    // The bits of the operand, whatever they are.
    const __m128i chosen = _mm_blendv_epi8(words(b), words(a), holds<kOperation>(x, y));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), chosen);
  } else {
    N::store(out, N::rounded(combined<kOperation>(x, y)));
  }
}

template <Operation kOperation, Rounding kRounding, bool kOneA, bool kOneB>
void combine_vectors(const OperandRows& all) {
  using Operand = typename Number<kRounding>::Storage;
  using Result = std::conditional_t<is_comparison(kOperation), std::uint8_t, Operand>;
  const std::size_t whole = all.columns / kVector * kVector;
  const std::size_t rest = all.columns - whole;
  Operand first[kVector] = {};
  Operand second[kVector] = {};
  each_row<Operand, Result>(all, [&](const Operand* a, const Operand* b, Result* out) {
    if constexpr (kOneA) std::fill_n(first, kVector, *a);
    if constexpr (kOneB) std::fill_n(second, kVector, *b);
    for (std::size_t i = 0; i < whole; i += kVector)
      combine_eight<kOperation, kRounding>(kOneA ? first : a + i, kOneB ? second : b + i, out + i);
    if (rest == 0) return;
    // Nothing behind the arrays is touched.
    Result last[kVector];
    if constexpr (!kOneA) copy_run(a + whole, first, rest * sizeof(Operand));
    if constexpr (!kOneB) copy_run(b + whole, second, rest * sizeof(Operand));
    combine_eight<kOperation, kRounding>(first, second, last);
    copy_run(last, out + whole, rest * sizeof(Result));
  });
}

template <Operation kOperation, bool kOneA, bool kOneB>
Combine combine_with(Rounding rounding) {
  if (rounding == Rounding::kFloat16) return combine_vectors<kOperation, Rounding::kFloat16, kOneA, kOneB>;
  if (rounding == Rounding::kBFloat16) return combine_vectors<kOperation, Rounding::kBFloat16, kOneA, kOneB>;
  if constexpr (is_comparison(kOperation))
    return combine_vectors<kOperation, Rounding::kFloat32, kOneA, kOneB>;
  else
    return combine_numbers<kOperation, kOneA, kOneB>;
}

template <Operation kOperation>
Combine combine_with(Rounding rounding, bool a_is_one, bool b_is_one) {
  if (a_is_one) return combine_with<kOperation, true, false>(rounding);
  if (b_is_one) return combine_with<kOperation, false, true>(rounding);
  return combine_with<kOperation, false, false>(rounding);
}

}  // namespace

Combine combine_of(Operation operation, Rounding rounding, bool a_is_one, bool b_is_one) {
  switch (operation) {
    case Operation::kAdd:
      return combine_with<Operation::kAdd>(rounding, a_is_one, b_is_one);
    case Operation::kSubtract:
      return combine_with<Operation::kSubtract>(rounding, a_is_one, b_is_one);
    case Operation::kMultiply:
      return combine_with<Operation::kMultiply>(rounding, a_is_one, b_is_one);
    case Operation::kDivide:
      return combine_with<Operation::kDivide>(rounding, a_is_one, b_is_one);
    case Operation::kMaximum:
      return combine_with<Operation::kMaximum>(rounding, a_is_one, b_is_one);
    case Operation::kMinimum:
      return combine_with<Operation::kMinimum>(rounding, a_is_one, b_is_one);
    case Operation::kEqual:
      return combine_with<Operation::kEqual>(rounding, a_is_one, b_is_one);
    case Operation::kNotEqual:
      return combine_with<Operation::kNotEqual>(rounding, a_is_one, b_is_one);
    case Operation::kLess:
      return combine_with<Operation::kLess>(rounding, a_is_one, b_is_one);
    case Operation::kLessEqual:
      return combine_with<Operation::kLessEqual>(rounding, a_is_one, b_is_one);
    case Operation::kGreater:
      return combine_with<Operation::kGreater>(rounding, a_is_one, b_is_one);
    case Operation::kGreaterEqual:
      return combine_with<Operation::kGreaterEqual>(rounding, a_is_one, b_is_one);
  }
  return nullptr;
}

}  // namespace mlx_router

#endif
