#include "evaluation/blas_threads.h"

#if defined(__linux__)

#include <cstddef>
#include <cstdlib>
#include <string_view>

#include "evaluation/fork_handlers.h"
#include "kernels/parallel.h"

extern "C" {

/** Runs one part of a routine, in the memory of a slot that no other thread uses meanwhile. */
using BlasJob = void(int slot, void* part, int unused);
using BlasRunner = void(int waits, BlasJob* job, int count, std::size_t part_size, void* parts, int unused);

// Of OpenBLAS; not there where the library was built without the shim.
__attribute__((weak)) void scipy_openblas_set_threads_callback_function(BlasRunner* runner);
__attribute__((weak)) int scipy_openblas_get_num_threads();
__attribute__((weak)) const char* scipy_openblas_get_config();

}  // extern "C"

namespace mlx_router {
namespace {

int first_slot = 0;

/** How many slots OpenBLAS was built with; 0: it does not say. */
int slot_count() {
  constexpr std::string_view kName = "MAX_THREADS=";
  const std::string_view config = scipy_openblas_get_config();
  const std::size_t at = config.find(kName);
  return at == std::string_view::npos ? 0 : std::atoi(config.data() + at + kName.size());
}

// The parts of a product wait for each other. No exception gets through OpenBLAS, whose lock would stay locked.
void run_parts(int, BlasJob* job, int count, std::size_t part_size, void* parts, int unused) noexcept {
  at_once(count, [&](std::size_t i) {
    job(first_slot + static_cast<int>(i), static_cast<char*>(parts) + i * part_size, unused);
  });
}

bool share() {
  if (scipy_openblas_set_threads_callback_function == nullptr) return false;
  const int count = scipy_openblas_get_num_threads();
  // The slots before belong to threads of its own, which a few routines of LAPACK use all the same.
  first_slot = count - 1;
  if (count < 2 || first_slot + count > slot_count() || !has_threads_for(count)) return false;
  scipy_openblas_set_threads_callback_function(run_parts);
  return true;
}

}  // namespace

void share_blas_threads() {
  // OpenBLAS's ends its threads before each fork, so before Node starts any process, whatever they compute: then who
  // waits for that waits for ever. The forked process only starts another program.
  [[maybe_unused]] static const bool removed =
      scipy_openblas_set_threads_callback_function != nullptr &&
      remove_fork_handlers(reinterpret_cast<const void*>(scipy_openblas_set_threads_callback_function));
  // Once, though each thread of Node loads the addon: others may be computing.
  [[maybe_unused]] static const bool shared = share();
}

}  // namespace mlx_router

#else

namespace mlx_router {

void share_blas_threads() {}

}  // namespace mlx_router

#endif
