#pragma once

// For files that are compiled for AVX2, and for no others.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/lanes.h"
#include "kernels/numbers.h"
#include "kernels/reductions.h"

// How eight results take their next numbers.
namespace mlx_router {
namespace {

constexpr std::size_t kVector = 8;

/** The first `count` lanes. */
inline __m256i first_lanes(std::size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

inline __m256 chosen(__m256i where, __m256 yes, __m256 no) {
  return _mm256_blendv_ps(no, yes, _mm256_castsi256_ps(where));
}
inline __m256i chosen(__m256i where, __m256i yes, __m256i no) { return _mm256_blendv_epi8(no, yes, where); }

/** Of two operands that are no numbers the first stays; where `+` stands, the compiler may choose. */
inline __m256 sum(__m256 first, __m256 second) {
  __m256 result;
  asm("vaddps %2, %1, %0" : "=x"(result) : "x"(first), "xm"(second));
  return result;
}
inline __m256 product(__m256 first, __m256 second) {
  __m256 result;
  asm("vmulps %2, %1, %0" : "=x"(result) : "x"(first), "xm"(second));
  return result;
}

/** Numbers that are rounded after each step. */
template <Rounding kRounding, Reduction kReduction, Taking kTaking>
struct Floats {
  using N = Number<kRounding>;
  using Storage = typename N::Storage;
  using Result = Storage;
  using Vector = __m256;
  static constexpr Reduction kKind = kReduction;
  static constexpr bool kIsExact = kReduction == Reduction::kMost || kReduction == Reduction::kLeast;

  /** Whether MLX's code has results as the first operand; of two that are no numbers the first stays. */
  static constexpr bool kResultsFirst = kRounding == Rounding::kFloat32
                                            ? kTaking != Taking::kBlocks
                                            : kReduction == Reduction::kSum && kTaking != Taking::kSingly;

  static Vector load(const Storage* from) { return N::load(from); }
  static void store(Result* to, Vector value) { N::store(to, value); }
  static Vector start() {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if constexpr (kReduction == Reduction::kSum) return _mm256_setzero_ps();
    if constexpr (kReduction == Reduction::kProduct) return _mm256_set1_ps(1);
    return _mm256_set1_ps(kReduction == Reduction::kMost ? -kInfinity : kInfinity);
  }

  /** The numbers in the low and in the high half of each word. */
  static Vector low(__m256i words) {
    if constexpr (kRounding == Rounding::kBFloat16) return _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
    const __m256i packed = _mm256_packus_epi32(_mm256_and_si256(words, _mm256_set1_epi32(0xffff)), words);
    return _mm256_cvtph_ps(_mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08)));
  }
  static Vector high(__m256i words) {
    if constexpr (kRounding == Rounding::kBFloat16) {
      return _mm256_castsi256_ps(_mm256_and_si256(words, _mm256_set1_epi32(static_cast<int>(0xffff0000u))));
    }
    return low(_mm256_srli_epi32(words, 16));
  }

  /** What is not a number stays; of two equal ones, or two that are no numbers, `kept` does, or else `other`. */
  static Vector better(Vector kept, Vector other) {
    // Where one is no number, and of equal ones, the instruction gives its second operand.
    const Vector better = kReduction == Reduction::kMost ? _mm256_max_ps(other, kept) : _mm256_min_ps(other, kept);
    return _mm256_blendv_ps(better, other, _mm256_cmp_ps(other, other, _CMP_UNORD_Q));
  }

  static Vector next(Vector results, Vector numbers) {
    const Vector first = kResultsFirst ? results : numbers;
    const Vector second = kResultsFirst ? numbers : results;
    if constexpr (kReduction == Reduction::kSum) return N::rounded(sum(first, second));
    if constexpr (kReduction == Reduction::kProduct) return N::rounded(product(first, second));
    // Taken one by one the last of equal ones stays.
    return kTaking == Taking::kSingly ? better(numbers, results) : better(results, numbers);
  }

  /** Where numbers are the first that are better; one that is not a number never is, and nothing is better than it. */
  static __m256i improves(Vector numbers, Vector results) {
    constexpr int kOrder = kReduction == Reduction::kMost ? _CMP_GT_OQ : _CMP_LT_OQ;
    return _mm256_castps_si256(_mm256_cmp_ps(numbers, results, kOrder));
  }
  /** The better ones; `results` where a number is none. */
  static Vector extremes(Vector results, Vector numbers) {
    return kReduction == Reduction::kMost ? _mm256_max_ps(numbers, results) : _mm256_min_ps(numbers, results);
  }
  static __m256i equal(Vector a, Vector b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)); }

  /** Takes what a run gave. */
  static Vector joined(Vector results, Vector runs) {
    if constexpr (!kIsExact) return next(results, runs);
    const Vector none = _mm256_set1_ps(std::numeric_limits<float>::quiet_NaN());
    const Vector known = _mm256_blendv_ps(runs, none, _mm256_cmp_ps(runs, runs, _CMP_UNORD_Q));
    return better(known, results);
  }
};

/** Integers as 32 bits, in which sums and products wrap around. */
template <typename T, Reduction kReduction>
struct Integers {
  using Storage = T;
  static constexpr bool kIsTruth = kReduction == Reduction::kAll || kReduction == Reduction::kAny;
  static constexpr bool kIsWide = kReduction == Reduction::kSum || kReduction == Reduction::kProduct;
  using Result = std::conditional_t<kIsWide, std::int32_t, std::conditional_t<kIsTruth, std::uint8_t, T>>;
  using Vector = __m256i;
  static constexpr Reduction kKind = kReduction;
  /** Whether the order of steps is free. */
  static constexpr bool kIsExact = true;

  static Vector load(const Storage* from) {
    if constexpr (sizeof(T) == 4) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    if constexpr (sizeof(T) == 2) {
      const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      return std::is_signed_v<T> ? _mm256_cvtepi16_epi32(values) : _mm256_cvtepu16_epi32(values);
    }
    const __m128i values = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return std::is_signed_v<T> ? _mm256_cvtepi8_epi32(values) : _mm256_cvtepu8_epi32(values);
  }

  static void store(Result* to, Vector value) {
    if constexpr (kReduction == Reduction::kAny) {
      value = _mm256_andnot_si256(_mm256_cmpeq_epi32(value, _mm256_setzero_si256()), _mm256_set1_epi32(1));
    }
    if constexpr (kReduction == Reduction::kAll) value = _mm256_and_si256(value, _mm256_set1_epi32(1));
    if constexpr (sizeof(Result) == 4) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), value);
    } else if constexpr (sizeof(Result) == 2) {
      const __m256i low = _mm256_shuffle_epi8(value, _mm256_set1_epi64x(0x0d0c090805040100));
      const __m256i narrow = _mm256_permute4x64_epi64(low, 0x08);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(narrow));
    } else {
      const __m256i low = _mm256_shuffle_epi8(value, _mm256_set1_epi32(0x0c080400));
      const __m256i narrow = _mm256_permutevar8x32_epi32(low, _mm256_setr_epi32(0, 4, 0, 4, 0, 4, 0, 4));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(narrow));
    }
  }

  static Vector start() {
    if constexpr (kReduction == Reduction::kSum || kReduction == Reduction::kAny) return _mm256_setzero_si256();
    if constexpr (kReduction == Reduction::kProduct) return _mm256_set1_epi32(1);
    if constexpr (kReduction == Reduction::kAll) return _mm256_set1_epi32(-1);
    using Limits = std::numeric_limits<T>;
    return _mm256_set1_epi32(static_cast<int>(kReduction == Reduction::kMost ? Limits::min() : Limits::max()));
  }

  static Vector next(Vector results, Vector numbers) {
    if constexpr (kReduction == Reduction::kSum) return _mm256_add_epi32(results, numbers);
    if constexpr (kReduction == Reduction::kProduct) return _mm256_mullo_epi32(results, numbers);
    if constexpr (kReduction == Reduction::kAny) return _mm256_or_si256(results, numbers);
    if constexpr (kReduction == Reduction::kAll) {
      return _mm256_andnot_si256(_mm256_cmpeq_epi32(numbers, _mm256_setzero_si256()), results);
    }
    constexpr bool kMost = kReduction == Reduction::kMost;
    if constexpr (std::is_same_v<T, std::uint32_t>) {
      return kMost ? _mm256_max_epu32(results, numbers) : _mm256_min_epu32(results, numbers);
    }
    return kMost ? _mm256_max_epi32(results, numbers) : _mm256_min_epi32(results, numbers);
  }

  static __m256i improves(Vector numbers, Vector results) {
    return _mm256_andnot_si256(_mm256_cmpeq_epi32(numbers, results),
                               _mm256_cmpeq_epi32(next(results, numbers), numbers));
  }
  static Vector extremes(Vector results, Vector numbers) { return next(results, numbers); }
  static __m256i equal(Vector a, Vector b) { return _mm256_cmpeq_epi32(a, b); }

  static Vector joined(Vector results, Vector runs) { return next(results, runs); }
};

/** Reads fewer numbers than a vector has, and nothing behind them; the other lanes hold what changes no result. */
template <typename Kind>
typename Kind::Vector load_some(const typename Kind::Storage* from, std::size_t count) {
  typename Kind::Storage some[kVector] = {};
  std::memcpy(some, from, count * sizeof *from);
  return chosen(first_lanes(count), Kind::load(some), Kind::start());
}

template <typename Kind>
void store_some(typename Kind::Result* to, typename Kind::Vector value, std::size_t count) {
  typename Kind::Result some[kVector];
  Kind::store(some, value);
  std::memcpy(to, some, count * sizeof *to);
}

/** One number of each row. */
template <typename Kind>
typename Kind::Vector load_column(const Lanes<typename Kind::Storage>& lanes, std::size_t at) {
  using Storage = typename Kind::Storage;
  const auto number = [&](std::size_t lane) { return lanes.row[lane][at]; };
  if constexpr (std::is_same_v<Storage, float>) {
    return _mm256_setr_ps(number(0), number(1), number(2), number(3), number(4), number(5), number(6), number(7));
  } else {
    Storage numbers[kVector];
    for (std::size_t lane = 0; lane < kVector; lane++) numbers[lane] = number(lane);
    return Kind::load(numbers);
  }
}

/** Calls `take` with one number of each row after the other, from `start` on: whole words of four for each row. */
template <typename Kind, typename Take>
__attribute__((always_inline)) inline void take_words(const Lanes<typename Kind::Storage>& lanes, std::size_t start,
                                                      Take take) {
  constexpr bool kIsFloat = std::is_same_v<typename Kind::Vector, __m256>;
  __m256i words[4];
  load_four(lanes, start, words);
#pragma GCC unroll 4
  for (const __m256i& word : words) {
    if constexpr (sizeof(typename Kind::Storage) == 2) {
      take(Kind::low(word));
      take(Kind::high(word));
    } else if constexpr (kIsFloat) {
      take(_mm256_castsi256_ps(word));
    } else {
      take(word);
    }
  }
}

/** Calls `take(group, numbers)` with one number of each row after the other, for each group of eight rows. */
template <typename Kind, std::size_t kGroups, typename Take>
__attribute__((always_inline)) inline void take_each(const Lanes<typename Kind::Storage> (&groups)[kGroups],
                                                     std::size_t length, Take take) {
  using Storage = typename Kind::Storage;
  std::size_t i = 0;
  if constexpr (sizeof(Storage) == 4 || std::is_same_v<typename Kind::Vector, __m256>) {
    constexpr std::size_t kWords = 16 / sizeof(Storage);
    for (; i + kWords <= length; i += kWords) {
#pragma GCC unroll 4
      for (std::size_t group = 0; group < kGroups; group++) {
        take_words<Kind>(groups[group], i, [&](auto numbers) { take(group, numbers); });
      }
    }
  }
  for (; i < length; i++) {
#pragma GCC unroll 4
    for (std::size_t group = 0; group < kGroups; group++) take(group, load_column<Kind>(groups[group], i));
  }
}

/** In all lanes what `step` makes of all lanes, in an order of its own. */
template <typename Vector, typename Step>
Vector across(Vector values, Step step) {
  for (std::size_t distance = kVector / 2; distance > 0; distance /= 2) {
    std::uint32_t twice[2 * kVector];
    std::memcpy(twice, &values, sizeof values);
    std::memcpy(twice + kVector, &values, sizeof values);
    Vector others;
    std::memcpy(&others, twice + distance, sizeof others);
    values = step(values, others);
  }
  return values;
}

/** Calls `use` with the kind of numbers that is reduced so, and gives what it gives. */
template <Reduction kReduction, typename Use>
auto with_integers(Elements elements, Use use) {
  switch (elements) {
    case Elements::kInt8:
      return use(Integers<std::int8_t, kReduction>());
    case Elements::kInt16:
      return use(Integers<std::int16_t, kReduction>());
    case Elements::kUint16:
      return use(Integers<std::uint16_t, kReduction>());
    case Elements::kInt32:
      return use(Integers<std::int32_t, kReduction>());
    case Elements::kUint32:
      return use(Integers<std::uint32_t, kReduction>());
    default:
      return use(Integers<std::uint8_t, kReduction>());
  }
}

template <Reduction kReduction, Taking kTaking, typename Use>
auto with_numbers(Elements elements, Use use) {
  if (elements == Elements::kFloat32) return use(Floats<Rounding::kFloat32, kReduction, kTaking>());
  if (elements == Elements::kFloat16) return use(Floats<Rounding::kFloat16, kReduction, kTaking>());
  if (elements == Elements::kBFloat16) return use(Floats<Rounding::kBFloat16, kReduction, kTaking>());
  return with_integers<kReduction>(elements, use);
}

/** The same for a reduction that is known later; null where it has no kind for the elements: numbers have no truth. */
template <Taking kTaking, typename Use>
auto with_reduction(Reduction reduction, Elements elements, Use use) {
  using R = Reduction;
  if (reduction == R::kSum) return with_numbers<R::kSum, kTaking>(elements, use);
  if (reduction == R::kProduct) return with_numbers<R::kProduct, kTaking>(elements, use);
  if (reduction == R::kMost) return with_numbers<R::kMost, kTaking>(elements, use);
  if (reduction == R::kLeast) return with_numbers<R::kLeast, kTaking>(elements, use);
  if (elements <= Elements::kBFloat16) return decltype(with_integers<R::kAll>(elements, use))(nullptr);
  return reduction == R::kAll ? with_integers<R::kAll>(elements, use) : with_integers<R::kAny>(elements, use);
}

}  // namespace
}  // namespace mlx_router
