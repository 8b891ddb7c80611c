#include "transforms/closures.h"

#include <span>
#include <vector>

#include "napi/arguments.h"
#include "napi/lists.h"
#include "operations/bind.h"
#include "workarounds/error_text.h"

namespace mlx_router {
namespace {

struct Payload {
  Environment* environment;
  int32_t function;
  Walk walk;
};

void* new_payload(Environment* environment, int32_t function, Walk walk = Walk::kOther) {
  environment->retain();
  return new Payload{environment, function, walk};
}

// MLX may call this on a thread of its own.
void drop_payload(void* data) {
  const std::unique_ptr<Payload> payload(static_cast<Payload*>(data));
  payload->environment->drop_function(payload->function);
  payload->environment->release();
}

struct HandleScope {
  explicit HandleScope(napi_env env) : env(env) { napi_open_handle_scope(env, &scope); }
  ~HandleScope() { napi_close_handle_scope(env, scope); }
  napi_env env;
  napi_handle_scope scope = nullptr;
};

// Calls the dispatcher; false with the exception kept for the end of the transform.
bool dispatch(Call& call, int32_t function, std::vector<napi_value> groups, napi_value* result) {
  Environment* environment = call.environment;
  napi_value number, receiver, dispatcher = environment->dispatcher();
  bool ok = dispatcher != nullptr && napi_create_int32(call.env, function, &number) == napi_ok &&
            napi_get_undefined(call.env, &receiver) == napi_ok;
  for (napi_value group : groups) ok = ok && group != nullptr;
  if (ok) {
    groups.insert(groups.begin(), number);
    ok = napi_call_function(call.env, receiver, dispatcher, groups.size(), groups.data(), result) == napi_ok;
  }
  if (!ok) environment->keep_exception();
  return ok;
}

// The names of arrays, and their slots in the same order.
bool store_named(Call& call, mlx_map_string_to_array named, napi_value* names, napi_value* slots) {
  bool ok = napi_create_array(call.env, names) == napi_ok && napi_create_array(call.env, slots) == napi_ok;
  mlx_map_string_to_array_iterator at = mlx_map_string_to_array_iterator_new(named);
  const char* key = nullptr;
  mlx_array array = mlx_array_new();
  for (uint32_t i = 0; ok && mlx_map_string_to_array_iterator_next(&key, &array, at) == 0; i++) {
    napi_value name, slot;
    mlx_array own = mlx_array_new();
    ok = mlx_array_set(&own, array) == 0 &&
         napi_create_int32(call.env, call.environment->slots.put(own), &slot) == napi_ok &&
         napi_create_string_utf8(call.env, key, NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_set_element(call.env, *names, i, name) == napi_ok &&
         napi_set_element(call.env, *slots, i, slot) == napi_ok;
  }
  mlx_array_free(array);
  mlx_map_string_to_array_iterator_free(at);
  return ok;
}

// The slots that a function gave, as MLX's vector.
bool take_results(Call& call, napi_value slots, mlx_vector_array* results) {
  ArraysArgument arrays;
  if (!arrays.read(call, slots) || !arrays.resolve(call)) {
    call.environment->keep_exception();
    return false;
  }
  return mlx_vector_array_set(results, arrays.vector) == 0;
}

// What MLX would walk into a stack overflow is an error instead.
bool is_walkable(Call& call, const Payload* payload, mlx_vector_array results) {
  if (fits_stack(results, payload->walk)) return true;
  napi_throw_error(call.env, "ERR_MLX_OPERATION",
                   "the graph that the function builds is too deep for this transform; split the function, or evaluate "
                   "what it captures beforehand");
  call.environment->keep_exception();
  return false;
}

Call call_of(const Payload* payload) { return {payload->environment->env(), payload->environment}; }

thread_local int running = 0;

// While MLX runs a function.
struct Running {
  Running() { running++; }
  ~Running() { running--; }
};

int run_function(mlx_vector_array* results, const mlx_vector_array inputs, void* data) {
  const auto* payload = static_cast<const Payload*>(data);
  Call call = call_of(payload);
  const HandleScope scope(call.env);
  const Running now;
  napi_value slots;
  const bool ok = dispatch(call, payload->function, {store_vector(call, inputs)}, &slots) &&
                  take_results(call, slots, results) && is_walkable(call, payload, *results);
  return ok ? 0 : 1;
}

int run_keywords(mlx_vector_array* results, const mlx_vector_array inputs, const mlx_map_string_to_array named,
                 void* data) {
  const auto* payload = static_cast<const Payload*>(data);
  Call call = call_of(payload);
  const HandleScope scope(call.env);
  const Running now;
  napi_value names, values, slots;
  const bool ok = store_named(call, named, &names, &values) &&
                  dispatch(call, payload->function, {store_vector(call, inputs), names, values}, &slots) &&
                  take_results(call, slots, results) && is_walkable(call, payload, *results);
  return ok ? 0 : 1;
}

int run_vjp(mlx_vector_array* results, const mlx_vector_array primals, const mlx_vector_array cotangents,
            const mlx_vector_array outputs, void* data) {
  const auto* payload = static_cast<const Payload*>(data);
  Call call = call_of(payload);
  const HandleScope scope(call.env);
  const Running now;
  napi_value slots;
  const bool ok =
      dispatch(call, payload->function,
               {store_vector(call, primals), store_vector(call, cotangents), store_vector(call, outputs)}, &slots) &&
      take_results(call, slots, results);
  return ok ? 0 : 1;
}

int run_jvp(mlx_vector_array* results, const mlx_vector_array primals, const mlx_vector_array tangents,
            const int* argnums, size_t count, void* data) {
  const auto* payload = static_cast<const Payload*>(data);
  Call call = call_of(payload);
  const HandleScope scope(call.env);
  const Running now;
  napi_value slots;
  const bool ok = dispatch(call, payload->function,
                           {store_vector(call, primals), store_vector(call, tangents),
                            list_of_integers(call.env, {argnums, count})},
                           &slots) &&
                  take_results(call, slots, results);
  return ok ? 0 : 1;
}

// The function gives [slots, axes].
int run_vmap(mlx_vector_array* results, mlx_vector_int* out_axes, const mlx_vector_array inputs, const int* axes,
             size_t count, void* data) {
  const auto* payload = static_cast<const Payload*>(data);
  Call call = call_of(payload);
  const HandleScope scope(call.env);
  const Running now;
  napi_value pair, slots, numbers;
  if (!dispatch(call, payload->function, {store_vector(call, inputs), list_of_integers(call.env, {axes, count})},
                &pair)) {
    return 1;
  }
  IntegersArgument<int> chosen;
  const bool ok = napi_get_element(call.env, pair, 0, &slots) == napi_ok &&
                  napi_get_element(call.env, pair, 1, &numbers) == napi_ok && chosen.read(call, numbers) &&
                  take_results(call, slots, results);
  if (!ok) {
    call.environment->keep_exception();
    return 1;
  }
  return mlx_vector_int_set_data(out_axes, chosen.items.data(), chosen.items.size());
}

}  // namespace

bool in_function() { return running > 0; }

Closure::Closure(Environment* environment, int32_t function, Walk walk)
    : value(mlx_closure_new_func_payload(run_function, new_payload(environment, function, walk), drop_payload)) {}

KeywordClosure::KeywordClosure(Environment* environment, int32_t function)
    : value(mlx_closure_kwargs_new_func_payload(run_keywords, new_payload(environment, function), drop_payload)) {}

CustomClosures::CustomClosures(Environment* environment, int32_t vjp_function, int32_t jvp_function,
                               int32_t vmap_function)
    : vjp{nullptr}, jvp{nullptr}, vmap{nullptr} {
  if (vjp_function >= 0) {
    vjp = mlx_closure_custom_new_func_payload(run_vjp, new_payload(environment, vjp_function), drop_payload);
  }
  if (jvp_function >= 0) {
    jvp = mlx_closure_custom_jvp_new_func_payload(run_jvp, new_payload(environment, jvp_function), drop_payload);
  }
  if (vmap_function >= 0) {
    vmap = mlx_closure_custom_vmap_new_func_payload(run_vmap, new_payload(environment, vmap_function), drop_payload);
  }
}

CustomClosures::~CustomClosures() {
  if (vjp.ctx != nullptr) mlx_closure_custom_free(vjp);
  if (jvp.ctx != nullptr) mlx_closure_custom_jvp_free(jvp);
  if (vmap.ctx != nullptr) mlx_closure_custom_vmap_free(vmap);
}

bool FunctionArgument::read(Call& call, napi_value value) {
  return read_int32(call.env, value, &number) || refuse(call, "the number of a function");
}

napi_value throw_from_transform(napi_env env, Environment* environment) {
  if (!environment->has_exception()) return throw_mlx(env);
  take_mlx_error();
  return nullptr;
}

}  // namespace mlx_router
