#include "mlx/c/transforms.h"
#include "mlx/c/compile.h"
#include "mlx/c/transforms_impl.h"
#include "napi/exports.h"
#include "napi/lists.h"
#include "napi/read_all.h"
#include "operations/bind.h"
#include "transforms/closures.h"
#include "transforms/shapeless.h"

namespace mlx_router {
namespace {

struct Vector {
  mlx_vector_array value = mlx_vector_array_new();
  Vector() = default;
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;
  ~Vector() { mlx_vector_array_free(value); }
};

napi_value pair(Call& call, mlx_vector_array first, mlx_vector_array second) {
  napi_value slots = store_vector(call, first);
  if (slots == nullptr) return nullptr;
  return list_of(call.env, {slots, store_vector(call, second)});
}

struct ValueAndGrad {
  mlx_closure_value_and_grad value = mlx_closure_value_and_grad_new();
  ~ValueAndGrad() { mlx_closure_value_and_grad_free(value); }
};

// valueAndGrad(function, inputs, argnums): [values, gradients]
napi_value value_and_grad(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  FunctionArgument function;
  ArraysArgument inputs;
  IntegersArgument<int> argnums;
  if (!read_all(call, received, function, inputs, argnums)) return nullptr;
  const Closure closure(call.environment, function.number, Walk::kGradient);
  ValueAndGrad transform;
  Vector values, gradients;
  if (mlx_value_and_grad(&transform.value, closure.value, argnums.items.data(), argnums.items.size()) != 0 ||
      mlx_closure_value_and_grad_apply(&values.value, &gradients.value, transform.value, inputs.vector) != 0) {
    return throw_from_transform(env, call.environment);
  }
  return pair(call, values.value, gradients.value);
}

using Product = int (*)(mlx_vector_array*, mlx_vector_array*, mlx_closure, mlx_vector_array, mlx_vector_array);

// vjp(function, primals, cotangents) and jvp(function, primals, tangents): [outputs, products]
template <Product kProduct>
napi_value product(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  FunctionArgument function;
  ArraysArgument primals, others;
  if (!read_all(call, received, function, primals, others)) return nullptr;
  const Closure closure(call.environment, function.number, kProduct == mlx_jvp ? Walk::kOther : Walk::kGradient);
  Vector outputs, products;
  if (kProduct(&outputs.value, &products.value, closure.value, primals.vector, others.vector) != 0) {
    return throw_from_transform(env, call.environment);
  }
  return pair(call, outputs.value, products.value);
}

// vmapTrace(function, inputs, axes): [traced inputs, traced outputs]; an axis of -1 is not mapped.
napi_value vmap_trace(napi_env env, napi_callback_info info) {
  const Received<3> received(env, info);
  Call call{env, received.environment};
  FunctionArgument function;
  ArraysArgument inputs;
  IntegersArgument<int> axes;
  if (!read_all(call, received, function, inputs, axes)) return nullptr;
  const Closure closure(call.environment, function.number, Walk::kOther);
  Vector traced, outputs;
  if (mlx_detail_vmap_trace(&traced.value, &outputs.value, closure.value, inputs.vector, axes.items.data(),
                            axes.items.size()) != 0) {
    return throw_from_transform(env, call.environment);
  }
  return pair(call, traced.value, outputs.value);
}

// vmapReplace(inputs, traced inputs, traced outputs, axes in, axes out): outputs
napi_value vmap_replace(napi_env env, napi_callback_info info) {
  const Received<5> received(env, info);
  Call call{env, received.environment};
  ArraysArgument inputs, traced, outputs;
  IntegersArgument<int> in_axes, out_axes;
  if (!read_all(call, received, inputs, traced, outputs, in_axes, out_axes)) return nullptr;
  Vector result;
  if (mlx_detail_vmap_replace(&result.value, inputs.vector, traced.vector, outputs.vector, in_axes.items.data(),
                              in_axes.items.size(), out_axes.items.data(), out_axes.items.size()) != 0) {
    return throw_from_transform(env, call.environment);
  }
  return store_vector(call, result.value);
}

// Applies what `make` turns the closure into.
template <class Make>
napi_value apply(Call& call, const FunctionArgument& function, Walk walk, const ArraysArgument& inputs, Make make) {
  const Closure closure(call.environment, function.number, walk);
  Closure made(mlx_closure_new());
  Vector outputs;
  if (make(&made.value, closure.value) != 0 || mlx_closure_apply(&outputs.value, made.value, inputs.vector) != 0) {
    return throw_from_transform(call.env, call.environment);
  }
  return store_vector(call, outputs.value);
}

// checkpoint(function, inputs): outputs
napi_value checkpoint(napi_env env, napi_callback_info info) {
  const Received<2> received(env, info);
  Call call{env, received.environment};
  FunctionArgument function;
  ArraysArgument inputs;
  if (!read_all(call, received, function, inputs)) return nullptr;
  return apply(call, function, Walk::kGradient, inputs, mlx_checkpoint);
}

// customFunction(function, vjp, jvp, vmap, inputs): outputs; a negative number: there is none.
napi_value custom_function(napi_env env, napi_callback_info info) {
  const Received<5> received(env, info);
  Call call{env, received.environment};
  FunctionArgument function, vjp, jvp, vmap;
  ArraysArgument inputs;
  if (!read_all(call, received, function, vjp, jvp, vmap, inputs)) return nullptr;
  const CustomClosures custom(call.environment, vjp.number, jvp.number, vmap.number);
  return apply(call, function, Walk::kGradient, inputs, [&](mlx_closure* made, mlx_closure closure) {
    return mlx_custom_function(made, closure, custom.vjp, custom.jvp, custom.vmap);
  });
}

// compiled(function, id, shapeless, inputs): outputs. MLX calls the function only where its cache has no trace of the
// id for inputs like these.
napi_value compiled(napi_env env, napi_callback_info info) {
  const Received<4> received(env, info);
  Call call{env, received.environment};
  FunctionArgument function;
  UnsignedArgument<uint64_t> id;
  BoolArgument shapeless;
  ArraysArgument inputs;
  if (!read_all(call, received, function, id, shapeless, inputs)) return nullptr;
  const ShapelessTrace trace(shapeless.flag);
  return apply(call, function, Walk::kOther, inputs, [&](mlx_closure* made, mlx_closure closure) {
    return mlx_detail_compile(made, closure, id.number, shapeless.flag, nullptr, 0);
  });
}

// eraseCompiled(id): drops the traces of the id.
napi_value erase_compiled(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  UnsignedArgument<uint64_t> id;
  if (!read_all(call, received, id)) return nullptr;
  mlx_compile_cache cache = mlx_compile_cache_new();
  const bool failed = mlx_detail_compile_cache(&cache) != 0 || mlx_detail_compile_erase(cache, id.number) != 0;
  mlx_compile_cache_free(cache);
  return failed ? throw_mlx(env) : nullptr;
}

template <int (*kRun)()>
napi_value run(napi_env env, napi_callback_info) {
  MLX_TRY(env, kRun());
  return nullptr;
}

napi_value set_dispatcher(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  NAPI_TRY(env, received.environment->set_dispatcher(received.values[0]));
  return nullptr;
}

// drainFunctions(): the numbers of functions that no closure holds any more.
napi_value drain_functions(napi_env env, napi_callback_info info) {
  const Received<0> received(env, info);
  return list_of_integers(env, received.environment->take_dropped());
}

}  // namespace

napi_status export_transforms(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"valueAndGrad", value_and_grad},
                        {"vjp", product<mlx_vjp>},
                        {"jvp", product<mlx_jvp>},
                        {"vmapTrace", vmap_trace},
                        {"vmapReplace", vmap_replace},
                        {"checkpoint", checkpoint},
                        {"customFunction", custom_function},
                        {"compiled", compiled},
                        {"eraseCompiled", erase_compiled},
                        {"enableCompile", run<mlx_enable_compile>},
                        {"disableCompile", run<mlx_disable_compile>},
                        {"setDispatcher", set_dispatcher},
                        {"drainFunctions", drain_functions}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
