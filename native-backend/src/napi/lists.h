#pragma once

#include <node_api.h>

#include <cstdint>
#include <initializer_list>
#include <span>

#include "napi/errors.h"

// Plain lists for JavaScript.
namespace mlx_router {

// A list of these values; null with an exception where one of them is null.
inline napi_value list_of(napi_env env, std::initializer_list<napi_value> values) {
  napi_value list;
  NAPI_TRY(env, napi_create_array_with_length(env, values.size(), &list));
  uint32_t index = 0;
  for (napi_value value : values) {
    if (value == nullptr) return nullptr;
    NAPI_TRY(env, napi_set_element(env, list, index++, value));
  }
  return list;
}

inline napi_value list_of_integers(napi_env env, std::span<const int32_t> numbers) {
  napi_value list;
  NAPI_TRY(env, napi_create_array_with_length(env, numbers.size(), &list));
  for (uint32_t i = 0; i < numbers.size(); i++) {
    napi_value number;
    NAPI_TRY(env, napi_create_int32(env, numbers[i], &number));
    NAPI_TRY(env, napi_set_element(env, list, i, number));
  }
  return list;
}

}  // namespace mlx_router
