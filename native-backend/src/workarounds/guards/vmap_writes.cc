#include "workarounds/guards/vmap_writes.h"

#if defined(__linux__)

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "mlx/version.h"

// MLX's rules for vmap of writes are wrong unless all that a write takes is mapped, and over axis 0: otherwise values
// go to other places, and a constant value reaches the first of the batch only:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/primitives.cpp
// So each rule is called with everything brought into that form. The rules are replaced in the tables of virtual
// functions, for MLX does not look them up by name.
namespace {

using mlx::core::array;
using mlx::core::Primitive;
using mlx::core::Shape;

using Arrays = std::vector<array>;
using Axes = std::vector<int>;
using Mapped = std::pair<Arrays, Axes>;
// A virtual function as the calling convention has it: a result of this kind is written to where the caller says.
using Rule = Mapped (*)(Primitive*, const Arrays&, const Axes&);

// All of them mapped over axis 0.
Arrays aligned(Primitive& write, const Arrays& inputs, const Axes& axes) {
  const auto first = std::find_if(axes.begin(), axes.end(), [](int axis) { return axis >= 0; });
  const int count = inputs[first - axes.begin()].shape(*first);
  Arrays result;
  for (size_t i = 0; i < inputs.size(); i++) {
    if (axes[i] >= 0) {
      result.push_back(moveaxis(inputs[i], axes[i], 0, write.stream()));
      continue;
    }
    Shape shape = inputs[i].shape();
    shape.insert(shape.begin(), count);
    result.push_back(broadcast_to(expand_dims(inputs[i], 0, write.stream()), shape, write.stream()));
  }
  return result;
}

enum class Write { kScatter, kSlice, kDynamic, kMasked, kAlongAxis };

template <Write kWrite>
struct Aligned {
  static inline Rule rule = nullptr;

  static Mapped run(Primitive* write, const Arrays& inputs, const Axes& axes) {
    if (std::all_of(axes.begin(), axes.end(), [](int axis) { return axis < 0; })) return rule(write, inputs, axes);
    Arrays arrays = aligned(*write, inputs, axes);
    Axes zeros(axes.size(), 0);
    // Where a block starts is one for all: MLX has no rule for another.
    if (kWrite == Write::kDynamic && axes[2] < 0) {
      arrays[2] = inputs[2];
      zeros[2] = -1;
    }
    // MLX counts the batch in the dtype of the indices, which may be too narrow for it.
    if (kWrite == Write::kScatter) {
      for (size_t i = 1; i + 1 < arrays.size(); i++) {
        if (arrays[i].itemsize() < 4) arrays[i] = astype(arrays[i], mlx::core::int32, write->stream());
      }
    }
    return rule(write, arrays, zeros);
  }
};

// Where a class of primitives has its rule for vmap.
Rule* rule_of(const array& written) {
  union {
    Mapped (Primitive::*member)(const Arrays&, const Axes&);
    std::uintptr_t parts[2];
  } vmap{};
  vmap.member = &Primitive::vmap;
  // On x86-64 a pointer to a virtual member is its offset in the table, plus one; on ARM the offset itself.
#if defined(__aarch64__) || defined(__arm__)
  const std::uintptr_t offset = vmap.parts[0];
#else
  const std::uintptr_t offset = vmap.parts[0] - 1;
#endif
  char* const table = *reinterpret_cast<char**>(&written.primitive());
  return reinterpret_cast<Rule*>(table + offset);
}

template <Write kWrite>
void align(const array& written) {
  Rule* const slot = rule_of(written);
  Aligned<kWrite>::rule = *slot;
  const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const page = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(slot) & ~(size - 1));
  // It stays so: other data may share the page.
  if (mprotect(page, size, PROT_READ | PROT_WRITE) == 0) *slot = Aligned<kWrite>::run;
}

// Nothing of this is evaluated.
void align_all() {
  using namespace mlx::core;
  const array source = zeros({2, 2});
  const array index = zeros({1}, uint32);
  align<Write::kScatter>(scatter(source, {index}, zeros({1, 1, 2}), {0}));
  align<Write::kSlice>(slice_update(source, zeros({1, 2}), Shape{0, 0}, Shape{1, 2}));
  align<Write::kDynamic>(slice_update(source, zeros({1, 2}), zeros({1}, int32), {0}));
  align<Write::kMasked>(masked_scatter(source, zeros({2, 2}, bool_), array(0.0f)));
  align<Write::kAlongAxis>(put_along_axis(source, zeros({2, 2}, uint32), source, 0));
}

// What this was compiled for, as MLX says it.
bool is_expected_version() {
  const std::string expected = std::to_string(MLX_VERSION_MAJOR) + "." + std::to_string(MLX_VERSION_MINOR) + "." +
                               std::to_string(MLX_VERSION_PATCH);
  return std::string(mlx::core::version()).starts_with(expected);
}

}  // namespace

void mlx_router_patch_vmap_of_writes() {
  [[maybe_unused]] static const bool done = [] {
    if (is_expected_version()) align_all();
    return true;
  }();
}

#else

void mlx_router_patch_vmap_of_writes() {}

#endif
