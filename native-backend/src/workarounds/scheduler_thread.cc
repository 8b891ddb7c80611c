#include "workarounds/scheduler_thread.h"

#include <signal.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "mlx/scheduler.h"

namespace mlx_router {

void start_scheduler_thread() {
  static const bool once = [] {
    std::promise<void> asked;
    std::thread([&asked] {
      // The handlers of the process's signals run on Node's threads.
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_SETMASK, &all, nullptr);
      mlx::core::scheduler::scheduler();
      asked.set_value();
      while (true) pause();
    }).detach();
    asked.get_future().wait();
    return true;
  }();
  (void)once;
}

}  // namespace mlx_router
