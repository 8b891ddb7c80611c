#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>

#include "handles/environment.h"
#include "mlx/c/closure.h"
#include "napi/arguments.h"
#include "workarounds/graph_depth.h"

namespace mlx_router {

// JavaScript functions as closures of mlx-c. TypeScript keeps the functions by number and gives the addon one
// dispatcher, dispatch(number, list of slots, …): so a closure holds no reference into JavaScript, and MLX may drop it
// on any thread. The numbers of dropped closures wait until TypeScript asks for them.
// MLX walks what the function gives by recursion, so a graph that is too deep for the stack is refused.
struct Closure {
  mlx_closure value;
  Closure(Environment* environment, int32_t function, Walk walk);
  explicit Closure(mlx_closure value) : value(value) {}
  Closure(const Closure&) = delete;
  Closure& operator=(const Closure&) = delete;
  ~Closure() { mlx_closure_free(value); }
};

// A function of arrays and of arrays by name: dispatch(number, slots, names, slots of the named).
struct KeywordClosure {
  mlx_closure_kwargs value;
  KeywordClosure(Environment* environment, int32_t function);
  KeywordClosure(const KeywordClosure&) = delete;
  KeywordClosure& operator=(const KeywordClosure&) = delete;
  ~KeywordClosure() { mlx_closure_kwargs_free(value); }
};

// Each is absent (an empty context) for a negative number.
struct CustomClosures {
  mlx_closure_custom vjp;
  mlx_closure_custom_jvp jvp;
  mlx_closure_custom_vmap vmap;
  CustomClosures(Environment* environment, int32_t vjp_function, int32_t jvp_function, int32_t vmap_function);
  CustomClosures(const CustomClosures&) = delete;
  CustomClosures& operator=(const CustomClosures&) = delete;
  ~CustomClosures();
};

// The number that TypeScript keeps a function under.
struct FunctionArgument {
  int32_t number = -1;
  bool read(Call& call, napi_value value);
  bool resolve(Call&) { return true; }
};

// Whether MLX is running a function on this thread, which may be while it works on the graph around it.
bool in_function();

// Leaves a transform that failed: with the exception that a JavaScript function in it threw, else with MLX's error.
napi_value throw_from_transform(napi_env env, Environment* environment);

}  // namespace mlx_router
