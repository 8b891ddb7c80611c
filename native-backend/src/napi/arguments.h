#pragma once

#include <node_api.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "handles/environment.h"
#include "mlx/c/mlx.h"
#include "mlx/small_vector.h"
#include "napi/errors.h"

// One struct for each kind of C parameter. `read` takes the JavaScript value; reading an element of a list may run
// JavaScript, which may dispose tensors, so slots become arrays only in `resolve`, after all have been read.
namespace mlx_router {

struct Call {
  napi_env env;
  Environment* environment;
  // Bytes that the tensors read so far are known to retain.
  size_t pinned = 0;
  bool heavy = false;
};

inline bool is_absent(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && (type == napi_undefined || type == napi_null);
}

// An integer, and nothing that is turned into one: Deno's napi_get_value_int32 takes any value, undefined for 0.
inline bool read_int32(napi_env env, napi_value value, int32_t* out) {
  double number;
  // False for NaN, too.
  if (napi_get_value_double(env, value, &number) != napi_ok || !(std::abs(number) <= 2147483648.0)) return false;
  const auto whole = static_cast<int64_t>(number);
  *out = static_cast<int32_t>(whole);
  return static_cast<double>(*out) == number;
}

inline bool refuse(const Call& call, const char* expected) {
  throw_argument(call.env, std::string("expected ") + expected);
  return false;
}

inline bool read_integer(const Call& call, napi_value value, int64_t low, int64_t high, int64_t* out) {
  double number;
  if (napi_get_value_double(call.env, value, &number) != napi_ok || std::trunc(number) != number ||
      number < static_cast<double>(low) || number > static_cast<double>(high)) {
    return refuse(call, "an integer in the range of its C type");
  }
  *out = static_cast<int64_t>(number);
  return true;
}

inline bool list_length(const Call& call, napi_value value, uint32_t* length) {
  bool is_array = false;
  return napi_is_array(call.env, value, &is_array) == napi_ok && is_array &&
         napi_get_array_length(call.env, value, length) == napi_ok;
}

// The index of a stream at the end of a call; absent: -1, the default one.
inline bool read_stream(const Call& call, napi_value value, int32_t* stream) {
  *stream = -1;
  return is_absent(call.env, value) || read_int32(call.env, value, stream) || refuse(call, "the index of a stream");
}

// The values of one call, in order.
struct Cursor {
  const napi_value* values;
  napi_value next() { return *values++; }
};

struct ArrayArgument {
  static constexpr const char* kName = "array";
  static constexpr int32_t kNone = std::numeric_limits<int32_t>::min();
  int32_t slot = kNone;
  mlx_array array{nullptr};

  bool read(Call& call, napi_value value) {
    if (read_int32(call.env, value, &slot)) return true;
    slot = kNone;
    return is_absent(call.env, value) || refuse(call, "the slot of an array");
  }
  bool resolve(Call& call) {
    if (slot == kNone) return true;
    array = call.environment->slots.get(slot);
    if (array.ctx == nullptr) {
      throw_disposed(call.env);
      return false;
    }
    call.pinned += call.environment->slots.pinned_bytes(slot);
    call.heavy = call.heavy || call.environment->slots.is_heavy(slot);
    return true;
  }
  std::tuple<mlx_array> values() { return {array}; }
};

struct ArraysArgument {
  static constexpr const char* kName = "arrays";
  std::vector<ArrayArgument> items;
  mlx_vector_array vector{nullptr};

  ArraysArgument() = default;
  ArraysArgument(const ArraysArgument&) = delete;
  ArraysArgument& operator=(const ArraysArgument&) = delete;
  ~ArraysArgument() {
    if (vector.ctx != nullptr) mlx_vector_array_free(vector);
  }

  bool read(Call& call, napi_value value) {
    uint32_t length;
    if (!list_length(call, value, &length)) return refuse(call, "a list of slots");
    items.resize(length);
    for (uint32_t i = 0; i < length; i++) {
      napi_value item;
      if (napi_get_element(call.env, value, i, &item) != napi_ok) return refuse(call, "a list of slots");
      if (!items[i].read(call, item) || items[i].slot == ArrayArgument::kNone) return refuse(call, "a list of slots");
    }
    return true;
  }
  bool resolve(Call& call) {
    std::vector<mlx_array> arrays;
    arrays.reserve(items.size());
    for (auto& item : items) {
      if (!item.resolve(call)) return false;
      arrays.push_back(item.array);
    }
    vector = mlx_vector_array_new_data(arrays.data(), arrays.size());
    return true;
  }
  std::tuple<mlx_vector_array> values() { return {vector}; }
};

// So many integers of one list may stand in the call itself.
constexpr int32_t kMostInline = 8;

template <class Element>
struct IntegersArgument {
  static constexpr const char* kName = sizeof(Element) == 8 ? "int64s" : "ints";
  mlx::core::SmallVector<Element> items;
  bool present = false;

  bool read(Call& call, napi_value value) {
    if (is_absent(call.env, value)) return true;
    present = true;
    uint32_t length;
    if (!list_length(call, value, &length)) return refuse(call, "a list of integers");
    items.resize(length);
    for (uint32_t i = 0; i < length; i++) {
      napi_value item;
      int64_t number = 0;
      if (napi_get_element(call.env, value, i, &item) != napi_ok) return refuse(call, "a list of integers");
      if (!read_integer(call, item, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max(),
                        &number)) {
        return false;
      }
      items[i] = static_cast<Element>(number);
    }
    return true;
  }
  // A short list may stand in the call itself, its length first: reading an element of a list costs far more.
  bool read(Call& call, Cursor& cursor) {
    const napi_value first = cursor.next();
    int32_t length;
    if (!read_int32(call.env, first, &length)) return read(call, first);
    if (length < 0 || length > kMostInline) return refuse(call, "the length of a short list");
    present = true;
    items.resize(length);
    for (Element& item : items) {
      int32_t number;
      if (!read_int32(call.env, cursor.next(), &number)) return refuse(call, "an integer");
      item = static_cast<Element>(number);
    }
    return true;
  }
  bool resolve(Call&) { return true; }
  // An empty list is not an absent one: mlx-c distinguishes them by the pointer.
  std::tuple<const Element*, size_t> values() {
    static constexpr Element kEmpty{};
    if (!present) return {nullptr, 0};
    return {items.empty() ? &kEmpty : items.data(), items.size()};
  }
};

template <class Integer>
struct IntegerArgument {
  static constexpr const char* kName = "int";
  Integer number{};

  bool read(Call& call, napi_value value) {
    int64_t wide = 0;
    if (!read_integer(call, value, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max(), &wide)) {
      return false;
    }
    number = static_cast<Integer>(wide);
    return true;
  }
  bool resolve(Call&) { return true; }
  std::tuple<Integer> values() { return {number}; }
};

// Seeds and sizes: the whole range, as a bigint or an integral number. size_t is the same type on most platforms.
template <class Unsigned>
struct UnsignedArgument {
  static constexpr const char* kName = "uint64";
  uint64_t number = 0;

  bool read(Call& call, napi_value value) {
    bool lossless = false;
    if (napi_get_value_bigint_uint64(call.env, value, &number, &lossless) == napi_ok) {
      return lossless || refuse(call, "an integer from 0 to 2^64 - 1");
    }
    int64_t wide = 0;
    if (!read_integer(call, value, 0, int64_t{1} << 53, &wide)) return false;
    number = static_cast<uint64_t>(wide);
    return true;
  }
  bool resolve(Call&) { return true; }
  std::tuple<Unsigned> values() { return {static_cast<Unsigned>(number)}; }
};

template <class Float>
struct FloatArgument {
  static constexpr const char* kName = "float";
  double number = 0;

  bool read(Call& call, napi_value value) {
    return napi_get_value_double(call.env, value, &number) == napi_ok || refuse(call, "a number");
  }
  bool resolve(Call&) { return true; }
  std::tuple<Float> values() { return {static_cast<Float>(number)}; }
};

struct BoolArgument {
  static constexpr const char* kName = "bool";
  bool flag = false;

  bool read(Call& call, napi_value value) {
    return napi_get_value_bool(call.env, value, &flag) == napi_ok || refuse(call, "a boolean");
  }
  bool resolve(Call&) { return true; }
  std::tuple<bool> values() { return {flag}; }
};

// Text without NUL bytes, which would silently end it in C.
inline bool read_text(const Call& call, napi_value value, std::string* text) {
  size_t length;
  if (napi_get_value_string_utf8(call.env, value, nullptr, 0, &length) != napi_ok) return refuse(call, "a string");
  text->resize(length);
  if (napi_get_value_string_utf8(call.env, value, text->data(), length + 1, &length) != napi_ok) {
    return refuse(call, "a string");
  }
  return text->find('\0') == std::string::npos || refuse(call, "a string without NUL characters");
}

struct TextArgument {
  static constexpr const char* kName = "string";
  std::string text;

  bool read(Call& call, napi_value value) { return read_text(call, value, &text); }
  bool resolve(Call&) { return true; }
  std::tuple<const char*> values() { return {text.c_str()}; }
};

template <class Enum, int kCount>
struct EnumArgument {
  static constexpr const char* kName = kCount == 14 ? "dtype" : "fft_norm";
  Enum chosen{};

  bool read(Call& call, napi_value value) {
    int64_t code = 0;
    if (!read_integer(call, value, 0, kCount - 1, &code)) return false;
    chosen = static_cast<Enum>(code);
    return true;
  }
  bool resolve(Call&) { return true; }
  std::tuple<Enum> values() { return {chosen}; }
};
using DtypeArgument = EnumArgument<mlx_dtype, 14>;
using FftNormArgument = EnumArgument<mlx_fft_norm, 3>;

template <class Inner>
constexpr const char* optional_name() {
  if constexpr (std::is_same_v<Inner, DtypeArgument>) return "dtype?";
  if constexpr (std::is_same_v<Inner, IntegerArgument<int>>) return "int?";
  return "float?";
}

template <class Optional, class Inner>
struct OptionalArgument {
  static constexpr const char* kName = optional_name<Inner>();
  Inner inner;
  bool present = false;

  bool read(Call& call, napi_value value) {
    if (is_absent(call.env, value)) return true;
    present = true;
    return inner.read(call, value);
  }
  bool resolve(Call&) { return true; }
  std::tuple<Optional> values() { return {Optional{std::get<0>(inner.values()), present}}; }
};

template <class Argument>
bool read_next(Argument& argument, Call& call, Cursor& cursor) {
  if constexpr (requires { argument.read(call, cursor); }) {
    return argument.read(call, cursor);
  } else {
    return argument.read(call, cursor.next());
  }
}

template <class Argument>
constexpr size_t kPlaces = 1;
template <class Element>
constexpr size_t kPlaces<IntegersArgument<Element>> = 1 + kMostInline;

}  // namespace mlx_router
