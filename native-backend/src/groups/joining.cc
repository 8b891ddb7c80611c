#include "groups/joining.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "groups/lost.h"
#include "groups/outcome.h"
#include "groups/ring_sockets.h"
#include "groups/watched_group.h"
#include "workarounds/failed_evaluations.h"

namespace mlx_router {
namespace {

namespace distributed = mlx::core::distributed;
using Clock = std::chrono::steady_clock;
using Joining = std::shared_ptr<Outcome<distributed::Group>>;

constexpr double kDefaultTimeoutMs = 300'000;
// One that ended well may have been in the group, which the others are about to join.
constexpr std::chrono::seconds kPatience{5};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// NCCL chooses the device of the thread that joins, which therefore is the caller's.
bool waits_for_ring(const std::string& backend) {
  const bool asked = backend == "ring" || (backend == "any" && !is_set("NCCL_HOST_IP"));
  return asked && is_set("MLX_RANK") && is_set("MLX_HOSTFILE");
}

distributed::Group watched(const distributed::Group& group, const RingSockets& before) {
  const RingSockets sockets = RingSockets::open().without(before);
  if (group.size() == 1 || sockets.empty()) return group;
  expect_failures();
  return distributed::Group(std::make_shared<WatchedGroup>(group.raw_group(), sockets));
}

// MLX's `init` on a thread of its own, where it may wait for ever.
Joining start(bool strict, const std::string& backend) {
  auto joining = std::make_shared<Outcome<distributed::Group>>();
  std::thread([joining, strict, backend] {
    // The handlers of the process's signals run on Node's threads.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const RingSockets before = RingSockets::open();
    try {
      joining->set(watched(distributed::init(strict, backend), before));
    } catch (...) {
      joining->fail(std::current_exception());
    }
  }).detach();
  return joining;
}

void wait(Outcome<distributed::Group>& joined, double timeout_ms) {
  const auto began = Clock::now();
  Clock::time_point since{};
  while (!joined.wait_for(kLook)) {
    const auto now = Clock::now();
    const std::string failed = failed_process();
    if (!failed.empty()) throw LostGroup(failed);
    const std::string ended = ended_process();
    if (!ended.empty()) {
      if (since == Clock::time_point{}) since = now;
      if (now - since > kPatience) throw LostGroup(ended + " before all had joined");
    }
    if (std::chrono::duration<double, std::milli>(now - began).count() < timeout_ms) continue;
    throw LostGroup("not all processes have joined within " + std::to_string(static_cast<int64_t>(timeout_ms)) + " ms");
  }
}

distributed::Group result(Outcome<distributed::Group>& joined) {
  try {
    return joined.get();
  } catch (const std::exception& error) {
    const std::string_view text = error.what();
    for (const auto* failure : {"Couldn't connect", "Accept failed"}) {
      if (text.find(failure) != std::string_view::npos) throw LostGroup(std::string(text));
    }
    throw;
  }
}

// Groups by the names of their engines. Never freed, as the groups themselves.
struct Groups {
  std::mutex mutex;
  std::map<std::string, distributed::Group> joined;
  std::map<std::string, Joining> joining;
};

Groups& groups() {
  static auto* const groups = new Groups;
  return *groups;
}

}  // namespace

distributed::Group join_group(bool strict, const std::string& backend, double timeout_ms) {
  auto& [mutex, joined, joining] = groups();
  const std::lock_guard lock(mutex);
  if (const auto found = joined.find(backend); found != joined.end()) return found->second;
  auto pending = joining.find(backend);
  if (pending == joining.end()) {
    if (!joining.empty()) throw LostGroup("it is still being joined, for the engine " + joining.begin()->first);
    // MLX forgets a group that it could not make, so that a later call may.
    if (!waits_for_ring(backend)) return distributed::init(strict, backend);
    pending = joining.emplace(backend, start(strict, backend)).first;
  }
  const Joining outcome = pending->second;
  wait(*outcome, timeout_ms);
  joining.erase(pending);
  const distributed::Group group = result(*outcome);
  // MLX's first group is that of any engine, too.
  joined.emplace(backend, group);
  joined.emplace("any", group);
  if (group.size() > 1) joined.emplace("ring", group);
  return group;
}

distributed::Group default_group() { return join_group(false, "any", kDefaultTimeoutMs); }

}  // namespace mlx_router
