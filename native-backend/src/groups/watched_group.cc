#include "groups/watched_group.h"

#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <string_view>
#include <thread>
#include <utility>

#include "groups/lost.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/stream.h"

namespace mlx_router {

namespace mx = mlx::core;

namespace {

using Clock = std::chrono::steady_clock;

// A neighbour that has what it needs may end before the last bytes have come here from the other one.
constexpr std::chrono::seconds kPatience{2};
constexpr const char* kClosed = "a process closed its connection";

// The same memory without the graph. While it is held, no other operation writes its result there.
mx::array same_memory(const mx::array& array) {
  mx::array other(array.shape(), array.dtype(), nullptr, {});
  other.copy_shared_buffer(array);
  return other;
}

}  // namespace

// Runs communications one after the other, each to its end, in a stream that is its own.
class WatchedGroup::Thread {
 public:
  Thread() {
    std::thread([this] { run(); }).detach();
  }

  std::shared_ptr<Done> post(Communication communication) {
    auto done = std::make_shared<Done>();
    const std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(communication), done});
    changed_.notify_one();
    return done;
  }

 private:
  struct Task {
    Communication communication;
    std::shared_ptr<Done> done;
  };

  Task next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !tasks_.empty(); });
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  void run() {
    // The handlers of the process's signals run on Node's threads.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const Stream stream = mx::new_stream(mx::Device::cpu);
    while (true) {
      Task task = next();
      try {
        task.communication(stream);
        mx::synchronize(stream);
        // What it holds is free before somebody hears of its end.
        task.communication = nullptr;
        task.done->set({});
      } catch (...) {
        // Other threads of the ring may still use the arrays of a collective that failed on one of them.
        new Communication(std::move(task.communication));
        task.done->fail(std::current_exception());
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
};

WatchedGroup::WatchedGroup(std::shared_ptr<GroupImpl> ring, RingSockets sockets)
    : ring_(std::move(ring)), sockets_(std::move(sockets)), thread_(new Thread) {
  sockets_.keep_alive();
}

void WatchedGroup::dispatch(Stream stream, Communication run) {
  mx::cpu::get_command_encoder(stream).dispatch([this, run = std::move(run)] { perform(run); });
}

void WatchedGroup::perform(const Communication& run) {
  {
    const std::lock_guard lock(mutex_);
    if (!lost_.empty()) throw LostGroup(lost_);
  }
  const std::shared_ptr<Done> done = thread_->post(run);
  wait(*done);
  try {
    done->get();
  } catch (const std::exception& error) {
    if (std::string_view(error.what()).find("connection to a peer was lost") == std::string_view::npos) throw;
    lose(kClosed);
  }
}

void WatchedGroup::wait(Done& done) {
  std::string reason;
  Clock::time_point since;
  while (!done.wait_for(kLook)) {
    if (reason.empty()) {
      reason = trouble();
      since = Clock::now();
    } else if (Clock::now() - since > kPatience) {
      lose(reason);
    }
  }
}

std::string WatchedGroup::trouble() const {
  const std::string failed = failed_process();
  if (!failed.empty()) return failed;
  return sockets_.any_closed() ? kClosed : "";
}

void WatchedGroup::lose(const std::string& reason) {
  // The neighbours of this process learn of it, too, and theirs of them.
  sockets_.shut_down();
  const std::string said = failed_process_soon();
  const std::lock_guard lock(mutex_);
  if (lost_.empty()) lost_ = said.empty() ? reason : said;
  throw LostGroup(lost_);
}

void WatchedGroup::collect(Collective collective, const array& input, array& output, Stream stream) {
  dispatch(stream, [ring = ring_, collective, in = same_memory(input), out = same_memory(output)](Stream own) mutable {
    (ring.get()->*collective)(in, out, own);
  });
}

void WatchedGroup::all_sum(const array& input, array& output, Stream stream) {
  collect(&GroupImpl::all_sum, input, output, stream);
}

void WatchedGroup::all_max(const array& input, array& output, Stream stream) {
  collect(&GroupImpl::all_max, input, output, stream);
}

void WatchedGroup::all_min(const array& input, array& output, Stream stream) {
  collect(&GroupImpl::all_min, input, output, stream);
}

void WatchedGroup::all_gather(const array& input, array& output, Stream stream) {
  collect(&GroupImpl::all_gather, input, output, stream);
}

void WatchedGroup::sum_scatter(const array& input, array& output, Stream stream) {
  ring_->sum_scatter(input, output, stream);
}

void WatchedGroup::send(const array& input, int dst, Stream stream) {
  dispatch(stream, [ring = ring_, in = same_memory(input), dst](Stream own) { ring->send(in, dst, own); });
}

void WatchedGroup::recv(array& out, int src, Stream stream) {
  dispatch(stream, [ring = ring_, out = same_memory(out), src](Stream own) mutable { ring->recv(out, src, own); });
}

}  // namespace mlx_router
