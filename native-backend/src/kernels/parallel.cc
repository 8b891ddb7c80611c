#include "kernels/parallel.h"

#if defined(__linux__)

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

#include "kernels/processors.h"

namespace mlx_router {
namespace {

using Task = std::function<void(std::size_t)>;
using Clock = std::chrono::steady_clock;

/** What the processor counts; nanoseconds where it is not asked. */
std::uint64_t ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// So long a helper looks for more work before it sleeps: some 25 microseconds, as such calls follow each other.
constexpr std::uint64_t kLooking = 1 << 16;

// And so long after calls at once, the products of the BLAS: it reads the same variable for threads of its own.
std::uint64_t looking_after_products() {
  const char* text = std::getenv("OPENBLAS_THREAD_TIMEOUT");
  const long power = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  return std::uint64_t{1} << (power > 0 ? std::clamp(power, 4L, 30L) : 26);
}

// Read while the library is loaded: later the variable is gone.
const std::uint64_t kLookingAfterProducts = looking_after_products();

// Pauses between two looks at the time.
constexpr int kPausesPerLook = 64;
// Who waits for the end of a call gives its processor away after so many.
constexpr int kPausesAtEnd = 400;

// More of them only wait for memory.
constexpr std::size_t kMostThreads = 16;
// So many indices come to one thread at a time.
constexpr std::size_t kMostTogether = 16;
// The start of another thread takes as long as so many operations.
constexpr std::size_t kAlone = 1 << 16;
// To wake another thread takes up to so long, and it should not come when all is done.
constexpr Clock::duration kWaking = std::chrono::microseconds(80);
// To hand work to one that looks for it takes so long.
constexpr Clock::duration kHandingOver = std::chrono::microseconds(4);
// Who has to wait so much longer for the last parts than one takes waits for a thread that has no processor.
constexpr Clock::duration kLate = std::chrono::microseconds(300);
// So long nothing is shared then; twice as long each time it happens again, up to the last.
constexpr Clock::duration kFirstBreak = std::chrono::milliseconds(4);
constexpr Clock::duration kLongestBreak = std::chrono::milliseconds(256);

// As many as OpenBLAS takes: one for each processor that this process may use, unless the environment says fewer.
std::size_t thread_count() {
  std::size_t count = processor_count();
  for (const char* name : {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const char* text = std::getenv(name);
    const long wanted = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
    if (wanted > 0) count = std::min(count, static_cast<std::size_t>(wanted));
  }
  return std::min(count, kMostThreads);
}

/**
 * Whether sharing is of use. Where other programs want the processors, a thread that has taken a part may wait for one
 * for milliseconds, and who shared the work waits with it.
 */
class Sharing {
 public:
  bool is_useless_at(Clock::time_point now) const {
    return now.time_since_epoch().count() < until_.load(std::memory_order_relaxed);
  }

  /** Who shared work waited so much longer for the last parts than for one. */
  void note(Clock::duration late) {
    if (late <= kLate) {
      if (break_.load(std::memory_order_relaxed) != 0) break_.store(0, std::memory_order_relaxed);
      return;
    }
    const Clock::rep longer =
        std::clamp(2 * break_.load(std::memory_order_relaxed), kFirstBreak.count(), kLongestBreak.count());
    break_.store(longer, std::memory_order_relaxed);
    until_.store(Clock::now().time_since_epoch().count() + longer, std::memory_order_relaxed);
  }

 private:
  std::atomic<Clock::rep> until_{0};
  std::atomic<Clock::rep> break_{0};
};

Sharing sharing;

class Team {
 public:
  Team() {
    // Where no more threads can be had, those there are do the work.
    grow_to(thread_count());
  }

  /** Whether a thread looks for work, and need not be woken. */
  bool is_awake() const { return looking_.load(std::memory_order_relaxed) > 0; }

  /** Whether there are so many threads, the caller's among them; starts those that are missing. */
  bool has_threads_for(std::size_t count) {
    const std::lock_guard<std::mutex> owned(busy_);
    return grow_to(count);
  }

  void run(std::size_t count, const Task& task) {
    const std::unique_lock<std::mutex> owned(busy_, std::try_to_lock);
    if (!owned) {
      for (std::size_t i = 0; i < count; i++) task(i);
      return;
    }
    sharing.note(share(count, task, false));
  }

  void run_together(std::size_t count, const Task& task) {
    const std::lock_guard<std::mutex> owned(busy_);
    // The threads are there, but in a forked child, which had none.
    if (!grow_to(count)) throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    share(count, task, true);
  }

 private:
  bool grow_to(std::size_t count) {
    // The handlers of the process's signals run on Node's threads.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (; helpers_ + 1 < count; helpers_++) std::thread([this] { help(); }).detach();
    } catch (const std::system_error&) {
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return helpers_ + 1 >= count;
  }

  /** Gives how much longer it waited for the other threads than one index takes. */
  Clock::duration share(std::size_t count, const Task& task, bool together) {
    task_ = &task;
    count_ = count;
    together_ = together;
    next_.store(0, std::memory_order_relaxed);
    // Odd while there is work: a helper that comes late must not touch the next call's.
    state_.fetch_add(1, std::memory_order_seq_cst);
    state_.notify_all();
    const Clock::duration longest = take();
    const Clock::time_point done = Clock::now();
    if (together) await([this] { return next_.load(std::memory_order_acquire) >= count_; });
    state_.fetch_add(1, std::memory_order_seq_cst);
    await([this] { return inside_.load(std::memory_order_seq_cst) == 0; });
    return Clock::now() - done - longest;
  }

  template <class Done>
  static void await(Done done) {
    for (int i = 0; !done(); i++) i < kPausesAtEnd ? relax() : std::this_thread::yield();
  }

  /** Gives how long the longest task took. */
  Clock::duration take() {
    Clock::duration longest{0};
    Clock::time_point begun = Clock::now();
    for (std::size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) {
      (*task_)(i);
      const Clock::time_point ended = Clock::now();
      longest = std::max(longest, ended - begun);
      begun = ended;
      if (together_) break;
    }
    return longest;
  }

  [[noreturn]] void help() {
    std::uint32_t seen = 0;
    std::uint64_t end = 0;
    for (;;) {
      seen = look(seen, end);
      inside_.fetch_add(1, std::memory_order_seq_cst);
      // It may have ended between: then nothing of it may be read.
      if (state_.load(std::memory_order_seq_cst) == seen) {
        const std::uint64_t looking = together_ ? kLookingAfterProducts : kLooking;
        take();
        end = std::max(end, ticks() + looking);
      }
      inside_.fetch_sub(1, std::memory_order_seq_cst);
    }
  }

  /** The state of the next call after `seen`; sleeps if none comes before `end`. */
  std::uint32_t look(std::uint32_t seen, std::uint64_t end) {
    looking_.fetch_add(1, std::memory_order_relaxed);
    for (int i = 1;; i++) {
      const std::uint32_t state = state_.load(std::memory_order_acquire);
      if (state != seen && state % 2 != 0) {
        looking_.fetch_sub(1, std::memory_order_relaxed);
        return state;
      }
      relax();
      if (i % kPausesPerLook != 0) continue;
      if (ticks() >= end) {
        looking_.fetch_sub(1, std::memory_order_relaxed);
        state_.wait(state, std::memory_order_acquire);
        looking_.fetch_add(1, std::memory_order_relaxed);
      } else {
        // Whoever has work comes first.
        std::this_thread::yield();
      }
    }
  }

  std::mutex busy_;
  std::atomic<std::uint32_t> state_{0};
  std::atomic<std::uint32_t> inside_{0};
  std::atomic<std::uint32_t> looking_{0};
  std::atomic<std::size_t> next_{0};
  const Task* task_ = nullptr;
  std::size_t count_ = 0;
  std::size_t helpers_ = 0;
  /** Whether each thread takes one index at most. */
  bool together_ = false;
};

std::atomic<Team*> team{nullptr};
std::mutex starting;

// Never freed: threads of MLX may still work while the process exits. A forked child has none of its threads and starts
// its own.
Team& the_team() {
  Team* current = team.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  const std::lock_guard<std::mutex> lock(starting);
  current = team.load(std::memory_order_acquire);
  if (current == nullptr) {
    [[maybe_unused]] static const int registered = pthread_atfork([] { starting.lock(); }, [] { starting.unlock(); },
                                                                  [] {
                                                                    team.store(nullptr);
                                                                    starting.unlock();
                                                                  });
    current = new Team();
    team.store(current, std::memory_order_release);
  }
  return *current;
}

/** Calls `task` with every number below `count`, some that follow each other on one thread. */
void share_indices(std::size_t count, const std::function<void(std::size_t)>& task) {
  const std::size_t together = std::clamp<std::size_t>(count / kMostThreads, 1, kMostTogether);
  const auto take = [&](std::size_t share) {
    const std::size_t end = std::min(count, (share + 1) * together);
    for (std::size_t i = share * together; i < end; i++) task(i);
  };
  the_team().run((count + together - 1) / together, take);
}

}  // namespace

void for_each_index(std::size_t count, std::size_t operations, const std::function<void(std::size_t)>& task) {
  if (count > 1 && operations >= kAlone && !sharing.is_useless_at(Clock::now())) {
    return share_indices(count, task);
  }
  for (std::size_t i = 0; i < count; i++) task(i);
}

void for_each_part(std::size_t size, std::size_t part, const std::function<void(std::size_t, std::size_t)>& task) {
  if (size <= 2 * part) {
    if (size > 0) task(0, size);
    return;
  }
  const auto start = Clock::now();
  task(0, part);
  const std::size_t rest = (size - 1) / part;
  const Clock::duration alone = (Clock::now() - start) * static_cast<long>(rest);
  if (alone < (the_team().is_awake() ? kHandingOver : kWaking) || sharing.is_useless_at(start)) {
    return task(part, size - part);
  }
  share_indices(rest, [&](std::size_t i) {
    const std::size_t at = (i + 1) * part;
    task(at, std::min(part, size - at));
  });
}

bool has_threads_for(std::size_t count) { return the_team().has_threads_for(count); }

void at_once(std::size_t count, const std::function<void(std::size_t)>& task) { the_team().run_together(count, task); }

}  // namespace mlx_router

#endif
