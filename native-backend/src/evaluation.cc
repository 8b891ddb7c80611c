#include "evaluation.h"

#include <memory>
#include <string>
#include <utility>

#include "arguments.h"
#include "closures.h"
#include "exports.h"
#include "fallible.h"
#include "reader.h"

namespace mlx_router {

namespace {

// A graph is evaluated faster when nothing else holds its intermediates.
void prepare(Environment* environment) {
  if (environment->slots.collection_due_before_eval()) environment->collect_young();
  environment->slots.release_stale();
}

// Starts to compute, and collects meanwhile what could wait until now. Not 0 with MLX's error set.
int start(Environment* environment, mlx_vector_array arrays) {
  const int64_t held = active_memory();
  if (mlx_async_eval(arrays) != 0) return 1;
  if (environment->slots.collection_due_during_eval()) environment->collect_young(held);
  return 0;
}

}  // namespace

bool evaluate(Environment* environment, mlx_vector_array arrays) {
  settle_started();
  prepare(environment);
  Remembered remembered(arrays);
  // For a thread that waits at once MLX does with less.
  const bool ahead = environment->slots.collection_due_during_eval();
  if ((ahead && start(environment, arrays) != 0) || mlx_eval(arrays) != 0) {
    throw_mlx(environment->env());
    remembered.restore();
    return false;
  }
  remembered.reattach();
  const std::string failure = take_read_failure();
  if (!failure.empty()) throw_file(environment->env(), failure);
  return failure.empty();
}

Computed::Computed(Environment* environment, mlx_array array) {
  bool available = false;
  settle_started();
  if (_mlx_array_is_available(&available, array) != 0) {
    throw_mlx(environment->env());
    return;
  }
  if (!available) {
    held_.push_back(*static_cast<const mlx::core::array*>(array.ctx));
    if (!evaluate(environment, mlx_vector_array{&held_})) return;
    array = mlx_array{&held_.front()};
  }
  array_ = array;
}

namespace {

// eval(slots)
napi_value eval(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArraysArgument arrays;
  if (!arrays.read(call, received.values[0]) || !arrays.resolve(call)) return nullptr;
  evaluate(received.environment, arrays.vector);
  return nullptr;
}

// Waits on a thread of the pool for arrays whose evaluation this thread has started:
// a graph can only be built and started on its own thread, but may be waited for on any.
struct Wait {
  Environment* environment;
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  mlx_vector_array arrays{nullptr};
  std::string error;
  const char* code = "ERR_MLX_OPERATION";
  bool failed = false;
  // Only on the environment's thread, but for its end.
  std::unique_ptr<Started> started;

  ~Wait() {
    if (arrays.ctx != nullptr) mlx_vector_array_free(arrays);
    environment->release();
  }

  void run() {
    wait();
    started->end(failed);
  }

  void wait() {
    const size_t size = mlx_vector_array_size(arrays);
    for (size_t i = 0; i < size && !failed; i++) {
      mlx_array array = mlx_array_new();
      failed = mlx_vector_array_get(&array, arrays, i) != 0 || _mlx_array_wait(array) != 0;
      mlx_array_free(array);
    }
    if (failed) {
      error = take_mlx_error();
      return;
    }
    error = take_read_failure();
    if (error.empty()) return;
    failed = true;
    code = "ERR_MLX_FILE";
  }
};

void finish(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Wait> wait(static_cast<Wait*>(data));
  napi_delete_async_work(env, wait->work);
  if (status == napi_ok) wait->started->settle();
  if (status == napi_ok && !wait->failed) {
    napi_value nothing;
    napi_get_undefined(env, &nothing);
    napi_resolve_deferred(env, wait->deferred, nothing);
    return;
  }
  napi_value code, message, error;
  const std::string text = wait->failed ? wait->error : "the evaluation was cancelled";
  napi_create_string_utf8(env, wait->code, NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, text.data(), text.size(), &message);
  napi_create_error(env, code, message, &error);
  napi_reject_deferred(env, wait->deferred, error);
}

// evalAsync(slots): a promise that settles when the values are there.
napi_value eval_async(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArraysArgument arrays;
  if (!arrays.read(call, received.values[0]) || !arrays.resolve(call)) return nullptr;
  settle_started();
  // Its graph is needed as soon as this returns.
  if (in_function() && !evaluate(received.environment, arrays.vector)) return nullptr;
  prepare(received.environment);
  auto started = std::make_unique<Started>(arrays.vector);
  if (start(received.environment, arrays.vector) != 0) {
    started->end(true);
    started->settle();
    return throw_mlx(env);
  }

  received.environment->retain();
  auto wait = std::make_unique<Wait>(received.environment);
  wait->started = std::move(started);
  wait->arrays = std::exchange(arrays.vector, mlx_vector_array{nullptr});
  napi_value promise, name;
  NAPI_TRY(env, napi_create_string_utf8(env, "mlx_router.evalAsync", NAPI_AUTO_LENGTH, &name));
  NAPI_TRY(env, napi_create_promise(env, &wait->deferred, &promise));
  NAPI_TRY(env, napi_create_async_work(
                    env, nullptr, name, [](napi_env, void* data) { static_cast<Wait*>(data)->run(); }, finish,
                    wait.get(), &wait->work));
  NAPI_TRY(env, napi_queue_async_work(env, wait->work));
  wait.release();
  return promise;
}

}  // namespace

napi_status export_evaluation(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"eval", eval}, {"evalAsync", eval_async}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
