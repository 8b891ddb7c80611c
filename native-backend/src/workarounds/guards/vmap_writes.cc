#include "workarounds/guards/vmap_writes.h"

#if defined(__linux__)

#include <algorithm>
#include <utility>
#include <vector>

#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "workarounds/guards/virtual_functions.h"

// MLX's rules for vmap of writes are wrong unless all that a write takes is mapped, and over axis 0: otherwise values
// go to other places, and a constant value reaches the first of the batch only. Its rule for operations on bits gives
// them operands of different shapes then, of which the smaller one is read out of bounds:
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/primitives.cpp
// So each rule is called with everything brought into that form. The rules are replaced in the tables of virtual
// functions, for MLX does not look them up by name.
namespace {

using mlx::core::array;
using mlx::core::Primitive;
using mlx::core::Shape;
using mlx_router::replace_virtual_function;
using mlx_router::virtual_function;

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

enum class Write { kScatter, kSlice, kDynamic, kMasked, kAlongAxis, kBits };

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

template <Write kWrite>
void align(const array& written) {
  using Member = Mapped (Primitive::*)(const Arrays&, const Axes&);
  Rule* const slot = virtual_function<Rule, Primitive, Member>(written.primitive(), &Primitive::vmap);
  Aligned<kWrite>::rule = *slot;
  replace_virtual_function<Rule>(slot, Aligned<kWrite>::run);
}

// Nothing of this is evaluated.
void align_all() {
  using namespace mlx::core;
  const array source = zeros({2, 2});
  const array index = zeros({1}, uint32);
  align<Write::kBits>(bitwise_and(index, index));
  align<Write::kScatter>(scatter(source, {index}, zeros({1, 1, 2}), {0}));
  align<Write::kSlice>(slice_update(source, zeros({1, 2}), Shape{0, 0}, Shape{1, 2}));
  align<Write::kDynamic>(slice_update(source, zeros({1, 2}), zeros({1}, int32), {0}));
  align<Write::kMasked>(masked_scatter(source, zeros({2, 2}, bool_), array(0.0f)));
  align<Write::kAlongAxis>(put_along_axis(source, zeros({2, 2}, uint32), source, 0));
}

}  // namespace

void mlx_router_patch_vmap_of_writes() {
  [[maybe_unused]] static const bool done = [] {
    if (mlx_router::is_expected_mlx()) align_all();
    return true;
  }();
}

#else

void mlx_router_patch_vmap_of_writes() {}

#endif
