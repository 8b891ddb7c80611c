#pragma once

#include <node_api.h>

#include <array>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "napi/arguments.h"
#include "operations/views.h"
#include "workarounds/empty_results.h"

// Deduces from the type of an mlx-c function how to call it from JavaScript:
//   int f(result*…, parameter…, [const mlx_stream])
// JavaScript passes the parameters in order and last the index of a stream, or undefined for the default one;
// it gets the slot of the result, or a list of slots. `MLX_OP(matmul);` is all that a regular function needs.
namespace mlx_router {

template <class... Types>
struct List {};

template <class Head, class Tail>
struct Prepend;
template <class Head, class... Tail>
struct Prepend<Head, std::tuple<Tail...>> {
  using type = std::tuple<Head, Tail...>;
};

// The C parameters as arguments; `const int*, size_t` is one argument.
template <class Parameters>
struct Arguments;

template <class Argument, class... Rest>
using Then = typename Prepend<Argument, typename Arguments<List<Rest...>>::type>::type;

// A C type without an argument of its own fails to compile here: such a function is bound by hand.
template <class Type>
struct One;
template <>
struct One<bool> {
  using type = BoolArgument;
};
template <>
struct One<mlx_array> {
  using type = ArrayArgument;
};
template <>
struct One<mlx_vector_array> {
  using type = ArraysArgument;
};
template <>
struct One<int> {
  using type = IntegerArgument<int>;
};
template <std::unsigned_integral Unsigned>
struct One<Unsigned> {
  using type = UnsignedArgument<Unsigned>;
};
template <>
struct One<float> {
  using type = FloatArgument<float>;
};
template <>
struct One<double> {
  using type = FloatArgument<double>;
};
template <>
struct One<const char*> {
  using type = TextArgument;
};
template <>
struct One<mlx_dtype> {
  using type = DtypeArgument;
};
template <>
struct One<mlx_fft_norm> {
  using type = FftNormArgument;
};
template <>
struct One<mlx_optional_int> {
  using type = OptionalArgument<mlx_optional_int, IntegerArgument<int>>;
};
template <>
struct One<mlx_optional_float> {
  using type = OptionalArgument<mlx_optional_float, FloatArgument<float>>;
};
template <>
struct One<mlx_optional_dtype> {
  using type = OptionalArgument<mlx_optional_dtype, DtypeArgument>;
};

template <>
struct Arguments<List<>> {
  using type = std::tuple<>;
};
template <class... Rest>
struct Arguments<List<const int*, size_t, Rest...>> {
  using type = Then<IntegersArgument<int>, Rest...>;
};
template <class... Rest>
struct Arguments<List<const int64_t*, size_t, Rest...>> {
  using type = Then<IntegersArgument<int64_t>, Rest...>;
};
template <class First, class... Rest>
struct Arguments<List<First, Rest...>> {
  using type = Then<typename One<First>::type, Rest...>;
};

// Where C writes its results. What has not been handed to a slot is freed.
template <int kCount>
struct ArrayResults {
  std::array<mlx_array, kCount> arrays{};
  // C overwrites what is there, which spares freeing it first.
  explicit ArrayResults(SlotTable& slots) { arrays[0] = slots.take_stale(); }
  ArrayResults(const ArrayResults&) = delete;
  ArrayResults& operator=(const ArrayResults&) = delete;
  ~ArrayResults() {
    for (mlx_array array : arrays) {
      if (array.ctx != nullptr) mlx_array_free(array);
    }
  }
  auto pointers() {
    return [this]<size_t... I>(std::index_sequence<I...>) {
      return std::tuple{&arrays[I]...};
    }(std::make_index_sequence<kCount>());
  }
  static std::string describe() { return kCount == 1 ? "array" : "array*" + std::to_string(kCount); }

  napi_value store(Call& call, size_t pinned = 0, bool makes = true) {
    napi_value result;
    if constexpr (kCount == 1) {
      NAPI_TRY(call.env, napi_create_int32(call.env, put(call, 0, pinned, makes), &result));
    } else {
      NAPI_TRY(call.env, napi_create_array_with_length(call.env, kCount, &result));
      for (int i = 0; i < kCount; i++) {
        napi_value slot;
        NAPI_TRY(call.env, napi_create_int32(call.env, put(call, i, pinned, makes), &slot));
        NAPI_TRY(call.env, napi_set_element(call.env, result, i, slot));
      }
    }
    return result;
  }

 private:
  int32_t put(Call& call, int i, size_t pinned, bool makes) {
    return call.environment->slots.put(std::exchange(arrays[i], mlx_array{nullptr}), pinned, call.heavy, makes);
  }
};

napi_value store_vector(Call& call, mlx_vector_array vector, size_t pinned = 0, bool makes = true);

struct VectorResult {
  mlx_vector_array vector = mlx_vector_array_new();
  explicit VectorResult(SlotTable&) {}
  VectorResult(const VectorResult&) = delete;
  VectorResult& operator=(const VectorResult&) = delete;
  ~VectorResult() { mlx_vector_array_free(vector); }
  auto pointers() { return std::tuple{&vector}; }
  static std::string describe() { return "arrays"; }
  napi_value store(Call& call, size_t pinned = 0, bool makes = true) {
    return store_vector(call, vector, pinned, makes);
  }
};

template <class Result, class Parameters, bool kStream>
struct Signature {
  using Results = Result;
  using Tuple = typename Arguments<Parameters>::type;
  static constexpr size_t kArity = std::tuple_size_v<Tuple>;
  // How many JavaScript values a call may have, its stream left out.
  static constexpr size_t kPlaces = []<size_t... I>(std::index_sequence<I...>) {
    return (mlx_router::kPlaces<std::tuple_element_t<I, Tuple>> + ... + 0);
  }(std::make_index_sequence<std::tuple_size_v<Tuple>>());
  static constexpr bool kHasStream = kStream;
};

// Moves a stream at the end of the parameters out of the way.
template <class Result, class Seen, class... Rest>
struct SplitStream;
template <class Result, class... Seen>
struct SplitStream<Result, List<Seen...>> : Signature<Result, List<Seen...>, false> {};
template <class Result, class... Seen>
struct SplitStream<Result, List<Seen...>, mlx_stream> : Signature<Result, List<Seen...>, true> {};
template <class Result, class... Seen, class First, class... Rest>
struct SplitStream<Result, List<Seen...>, First, Rest...> : SplitStream<Result, List<Seen..., First>, Rest...> {};

template <class Function>
struct Deduce;
template <class... Rest>
struct Deduce<int (*)(mlx_array*, Rest...)> : SplitStream<ArrayResults<1>, List<>, Rest...> {};
template <class... Rest>
struct Deduce<int (*)(mlx_array*, mlx_array*, Rest...)> : SplitStream<ArrayResults<2>, List<>, Rest...> {};
template <class... Rest>
struct Deduce<int (*)(mlx_array*, mlx_array*, mlx_array*, Rest...)> : SplitStream<ArrayResults<3>, List<>, Rest...> {};
template <class... Rest>
struct Deduce<int (*)(mlx_vector_array*, Rest...)> : SplitStream<VectorResult, List<>, Rest...> {};

// A result that may share its input's memory retains all of it; one that always does makes none of its own.
enum class Sharing { kNone, kView, kAlways };

template <auto kFunction, Sharing kSharing>
napi_value run_bound(napi_env env, napi_callback_info info) {
  using Signature = Deduce<decltype(kFunction)>;
  constexpr size_t kValues = Signature::kPlaces + (Signature::kHasStream ? 1 : 0);
  napi_value values[kValues + 1];
  size_t count = kValues;
  void* data;
  NAPI_TRY(env, napi_get_cb_info(env, info, &count, values, nullptr, &data));
  Call call{env, static_cast<const Entry*>(data)->environment};
  Cursor cursor{values};

  typename Signature::Tuple arguments;
  const bool read =
      std::apply([&](auto&... argument) { return (read_next(argument, call, cursor) && ...); }, arguments);
  if (!read) return nullptr;
  int32_t stream = -1;
  if constexpr (Signature::kHasStream) {
    if (!read_stream(call, cursor.next(), &stream)) return nullptr;
  }
  const bool resolved = std::apply([&](auto&... argument) { return (argument.resolve(call) && ...); }, arguments);
  if (!resolved) return nullptr;

  typename Signature::Results results(call.environment->slots);
  const auto given = std::apply([](auto&... argument) { return std::tuple_cat(argument.values()...); }, arguments);
  int failed;
  if constexpr (Signature::kHasStream) {
    failed =
        std::apply(kFunction, std::tuple_cat(results.pointers(), given, std::tuple{call.environment->stream(stream)}));
  } else {
    failed = std::apply(kFunction, std::tuple_cat(results.pointers(), given));
  }
  if (failed != 0) return throw_mlx(env);
  if constexpr (Signature::kHasStream) {
    const mlx_stream used = call.environment->stream(stream);
    std::apply([&](auto*... result) { (replace_empty(*result, used, kSharing != Sharing::kNone), ...); },
               results.pointers());
  }
  if constexpr (kSharing == Sharing::kAlways) view_at_once(results.arrays[0]);
  return results.store(call, kSharing == Sharing::kNone ? 0 : call.pinned, kSharing != Sharing::kAlways);
}

template <auto kFunction, Sharing kSharing>
napi_value invoke(napi_env env, napi_callback_info info) {
  const napi_value result = run_bound<kFunction, kSharing>(env, info);
  return result != nullptr ? result : end_call(env, nullptr, nullptr);
}

// What the addon says of a function, so that the catalogue can be checked against it without a call.
struct Binding {
  const char* name;
  napi_callback call;
  std::string result;
  std::vector<std::string> parameters;
  bool has_stream;
};

std::vector<Binding>& bindings();

template <auto kFunction, Sharing kSharing>
bool add_binding(const char* name) {
  using Signature = Deduce<decltype(kFunction)>;
  std::vector<std::string> parameters;
  [&]<size_t... I>(std::index_sequence<I...>) {
    (parameters.push_back(std::tuple_element_t<I, typename Signature::Tuple>::kName), ...);
  }(std::make_index_sequence<Signature::kArity>());
  bindings().push_back(
      {name, &invoke<kFunction, kSharing>, Signature::Results::describe(), parameters, Signature::kHasStream});
  return true;
}

}  // namespace mlx_router

#define MLX_BIND(function, name, sharing) \
  static const bool bound_##name = ::mlx_router::add_binding<&function, ::mlx_router::Sharing::sharing>(#name)
// A function of mlx-c, by its name without mlx_.
#define MLX_OP(name) MLX_BIND(mlx_##name, name, kNone)
// The same for one whose result may be a view of its argument.
#define MLX_VIEW(name) MLX_BIND(mlx_##name, name, kView)
// The same for one whose result always is a view of its first argument.
#define MLX_ALIAS(name) MLX_BIND(mlx_##name, name, kAlways)
