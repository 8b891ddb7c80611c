#include "evaluation/evaluation.h"

#include <memory>
#include <string>

#include "evaluation/brief_waits.h"
#include "evaluation/in_flight.h"
#include "evaluation/launching.h"
#include "files/reader.h"
#include "napi/arguments.h"
#include "napi/exports.h"
#include "transforms/closures.h"
#include "workarounds/failed_evaluations.h"
#include "workarounds/failed_reads.h"

namespace mlx_router {

namespace {

// A graph is evaluated faster when nothing else holds its intermediates.
void prepare(Environment* environment) {
  if (environment->slots.collection_due_before_eval()) environment->collect_young();
  environment->slots.release_stale();
}

// MLX's error, or the error of a file that an array was to be read from, if there is one.
napi_value throw_failure(napi_env env, const std::string& failure) {
  return failure.empty() ? throw_mlx(env) : throw_file(env, failure);
}

// Starts to compute, and collects meanwhile what could wait until now. Not 0 with MLX's error set.
int start(Environment* environment, mlx_vector_array arrays) {
  const int64_t held = active_memory();
  int failed = 0;
  {
    const Launching launching;
    failed = mlx_async_eval(arrays);
  }
  end_lingering();
  if (failed != 0) return 1;
  if (environment->slots.collection_due_during_eval()) environment->collect_young(held);
  return 0;
}

// Waits for what was started, or starts it and waits at once. Not 0 with MLX's error set.
int finish(mlx_vector_array arrays, bool was_started) {
  if (was_started) return mlx_eval(arrays);
  const Launching launching;
  return mlx_eval(arrays);
}

}  // namespace

bool evaluate(Environment* environment, mlx_vector_array arrays) {
  settle_failing();
  prepare(environment);
  GraphSnapshot snapshot(arrays);
  FileResults files(arrays);
  // For a thread that waits at once MLX does with less; and the graph of a function that it runs is needed again, which
  // an evaluation that is only started takes apart when it likes.
  const bool alone = !in_function();
  const bool brief = alone && expect_brief_wait();
  const bool ahead = brief || (alone && (shares_gpu() || environment->slots.collection_due_during_eval()));
  if (!ahead) end_lingering();
  bool failed = ahead && start(environment, arrays) != 0;
  if (brief && !failed) wait_briefly(arrays);
  failed = failed || finish(arrays, ahead) != 0;
  const std::string failure = read_failure()->take();
  if (failed || !failure.empty()) {
    throw_failure(environment->env(), failure);
    if (failed) snapshot.restore();
    if (!failure.empty()) files.fail(failure);
    return false;
  }
  snapshot.reattach();
  // MLX itself notes that they are there when somebody asks: views of them then need no evaluation (views.h).
  for (const auto& array : *static_cast<const std::vector<mlx::core::array>*>(arrays.ctx)) array.is_available();
  return true;
}

Computed::Computed(Environment* environment, mlx_array array) {
  // What was found available before, and not only evaluated, has its values whatever fails now.
  if (static_cast<const mlx::core::array*>(array.ctx)->status() == mlx::core::array::Status::available) {
    array_ = array;
    return;
  }
  bool available = false;
  settle_failing();
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

// The promise of an evaluation that this thread has started: a graph can only be built and started on its own thread,
// but may be waited for on any.
struct Pending {
  Environment* environment;
  InFlight evaluation;
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;

  Pending(Environment* environment, mlx_vector_array arrays) : environment(environment), evaluation(arrays) {
    environment->retain();
  }
  ~Pending() { environment->release(); }
};

void finish(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Pending> pending(static_cast<Pending*>(data));
  napi_delete_async_work(env, pending->work);
  Outcome outcome{"ERR_MLX_OPERATION", "the evaluation was cancelled"};
  if (status == napi_ok) outcome = pending->evaluation.settle();
  if (!outcome.failed()) {
    napi_value nothing;
    napi_get_undefined(env, &nothing);
    napi_resolve_deferred(env, pending->deferred, nothing);
    return;
  }
  napi_value code, message, error;
  napi_create_string_utf8(env, outcome.code, NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, outcome.message.data(), outcome.message.size(), &message);
  napi_create_error(env, code, message, &error);
  napi_reject_deferred(env, pending->deferred, error);
}

// evalAsync(slots): a promise that settles when the values are there.
napi_value eval_async(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  ArraysArgument arrays;
  if (!arrays.read(call, received.values[0]) || !arrays.resolve(call)) return nullptr;
  settle_failing();
  // Its graph is needed as soon as this returns.
  if (in_function() && !evaluate(received.environment, arrays.vector)) return nullptr;
  prepare(received.environment);
  auto pending = std::make_unique<Pending>(received.environment, arrays.vector);
  if (start(received.environment, arrays.vector) != 0) {
    pending->evaluation.give_up();
    return throw_failure(env, read_failure()->take());
  }
  pending->evaluation.watch(arrays.vector);

  napi_value promise, name;
  NAPI_TRY(env, napi_create_string_utf8(env, "mlx_router.evalAsync", NAPI_AUTO_LENGTH, &name));
  NAPI_TRY(env, napi_create_promise(env, &pending->deferred, &promise));
  NAPI_TRY(env, napi_create_async_work(
                    env, nullptr, name, [](napi_env, void* data) { static_cast<Pending*>(data)->evaluation.wait(); },
                    finish, pending.get(), &pending->work));
  NAPI_TRY(env, napi_queue_async_work(env, pending->work));
  pending.release();
  return promise;
}

}  // namespace

napi_status export_evaluation(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"eval", eval}, {"evalAsync", eval_async}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
