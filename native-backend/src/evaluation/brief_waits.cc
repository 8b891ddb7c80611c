#include "evaluation/brief_waits.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "kernels/processors.h"
#include "mlx/array.h"
#include "mlx/device.h"
#include "mlx/event.h"
#include "mlx/scheduler.h"

namespace mlx_router {
namespace {

namespace mx = mlx::core;
using Clock = std::chrono::steady_clock;

/** How long each side looks for the other: about as long as it takes to wake up. */
constexpr std::chrono::microseconds kMoment{50};

/** Where waits are long, only one of so many is tried. */
constexpr int kMostSkipped = 64;

/** Pauses between two looks, each of which reads the clock. */
constexpr int kPausesPerLook = 16;

template <typename Done>
bool becomes(Done done) {
  const auto end = Clock::now() + kMoment;
  while (!done()) {
    if (Clock::now() >= end) return false;
    for (int i = 0; i < kPausesPerLook; i++) relax();
  }
  return true;
}

/** What the two threads tell each other of one evaluation. */
struct Meeting {
  std::atomic<bool> computed{false};
  /** Whether the stream's thread need not look for more work: there is some, or the other has gone to sleep. */
  std::atomic<bool> over{false};
};

struct Waits {
  /** Of the last evaluation that was waited for. */
  std::shared_ptr<Meeting> last;
  /** Two threads look for each other, so it takes two processors. */
  bool possible = processor_count() > 1;
  int skipped = 0;
  int left = 0;

  void note(bool was_brief) {
    skipped = was_brief ? 0 : std::clamp(2 * skipped, 1, kMostSkipped);
    left = skipped;
  }
};

thread_local Waits waits;

}  // namespace

bool expect_brief_wait() {
  if (!waits.possible || mx::default_device() == mx::Device::gpu) return false;
  if (waits.left == 0) return true;
  waits.left--;
  return false;
}

void wait_briefly(mlx_vector_array arrays) {
  // The outputs on one stream share an event, and mostly there is one stream.
  for (const mx::array& array : *static_cast<const std::vector<mx::array>*>(arrays.ctx)) {
    if (array.status() != mx::array::Status::evaluated || !array.event().valid()) continue;
    const mx::Stream& stream = array.event().stream();
    if (stream.device == mx::Device::gpu) {
      waits.note(false);
      return;
    }
    auto meeting = waits.last = std::make_shared<Meeting>();
    // A stream's tasks run in order: where this one is, the values are there.
    mx::scheduler::enqueue(stream, [meeting] {
      meeting->computed.store(true, std::memory_order_release);
      becomes([&meeting] { return meeting->over.load(std::memory_order_acquire); });
    });
    const bool was_brief = becomes([&meeting] { return meeting->computed.load(std::memory_order_acquire); });
    waits.note(was_brief);
    if (!was_brief) end_lingering();
    return;
  }
}

void end_lingering() {
  if (waits.last == nullptr) return;
  waits.last->over.store(true, std::memory_order_release);
  waits.last = nullptr;
}

}  // namespace mlx_router
