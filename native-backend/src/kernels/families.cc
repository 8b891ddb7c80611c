#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <cstddef>
#include <iterator>
#include <mutex>
#include <optional>
#include <string_view>

#include "workarounds/guards/virtual_functions.h"

namespace mlx_router {
namespace {

struct Family {
  std::string_view name;
  bool (*use)();
};

constexpr Family kFamilies[] = {
    {"compiled", use_compiled_kernels},
    {"quantized", use_quantized_kernels},
    {"elementwise", use_elementwise_kernels},
    {"pair", use_pair_kernels},
    {"softmax", use_softmax_kernels},
    {"random", use_random_kernels},
    {"copy", use_copy_kernels},
    {"convolution", use_convolution_kernels},
    {"half", use_half_kernels},
    {"reduction", use_reduction_kernels},
    {"arithmetic", use_arithmetic_kernels},
    {"complex", use_complex_kernels},
};

std::mutex using_kernels;
std::optional<bool> used[std::size(kFamilies)];

}  // namespace
}  // namespace mlx_router

bool mlx_router_use_kernels(const char* family) {
  using namespace mlx_router;
  const std::lock_guard lock(using_kernels);
  bool found = false;
  bool all = true;
  for (std::size_t i = 0; i < std::size(kFamilies); i++) {
    if (family != nullptr && kFamilies[i].name != family) continue;
    if (!used[i]) used[i] = is_expected_mlx() && kFamilies[i].use();
    found = true;
    all = all && *used[i];
  }
  return found && all;
}

#else

bool mlx_router_use_kernels(const char*) { return false; }

#endif
