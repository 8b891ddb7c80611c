#if defined(__linux__)

#include "kernels/compiled_vectors.h"

#include <algorithm>
#include <string>
#include <vector>

#include "mlx/primitives.h"
#include "workarounds/guards/compiled_constants.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Compiled;
using Arrays = std::vector<array>;

// The name is private, and MLX asks for it alone when it looks for a kernel. An explicit instantiation may name it.
using Name = std::string Compiled::*;
Name name_of_kernels();
template <Name kName>
struct NameOfKernels {
  friend Name name_of_kernels() { return kName; }
};
template struct NameOfKernels<&Compiled::kernel_lib_>;

// What C++ leaves open, such as a number that is converted to an integer which cannot hold it, or a shift by more bits
// than there are, may differ between instructions. Numbers of these dtypes have nothing of it.
bool is_defined(const array& a) {
  return a.dtype() == mlx::core::float32 || a.dtype() == mlx::core::float16 || a.dtype() == mlx::core::bfloat16 ||
         a.dtype() == mlx::core::bool_;
}

void name_vector_kernel(void* compiled, const Arrays& inputs, const Arrays& tape) {
  auto& made = *static_cast<Compiled*>(compiled);
  if (made.stream().device != mlx::core::Device::cpu) return;
  if (!std::all_of(inputs.begin(), inputs.end(), is_defined)) return;
  if (!std::all_of(tape.begin(), tape.end(), is_defined)) return;
  made.*name_of_kernels() += kVectorSuffix;
}

}  // namespace

void name_vector_kernels() { watch_compiled(name_vector_kernel); }

}  // namespace mlx_router

#endif
