#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "kernels/panels.h"
#include "mlx/allocator.h"
#include "mlx/array.h"
#include "mlx/dtype.h"
#include "workarounds/guards/virtual_functions.h"

// What the kernels share that stand in for MLX's evaluation of a primitive.
namespace mlx_router {

/** So many elements are computed at a time. */
constexpr std::size_t kPart = 4096;

/** How numbers of a dtype are rounded; nothing for dtypes that the kernels do not know. */
inline std::optional<Rounding> rounding_of(mlx::core::Dtype dtype) {
  if (dtype == mlx::core::float32) return Rounding::kFloat32;
  if (dtype == mlx::core::float16) return Rounding::kFloat16;
  if (dtype == mlx::core::bfloat16) return Rounding::kBFloat16;
  return std::nullopt;
}

/** Gives a result memory of its own. */
inline void allocate(mlx::core::array& out) { out.set_data(mlx::core::allocator::malloc(out.nbytes())); }

/** How a primitive that has one result evaluates it on a CPU. */
template <typename Primitive>
using Evaluation = void (*)(Primitive*, const std::vector<mlx::core::array>&, mlx::core::array&);

/** How primitives of that kind were evaluated before `replace` was called for it: by MLX, or by another family. */
template <typename Primitive>
inline Evaluation<Primitive> original = nullptr;

/**
 * Replaces how primitives of that kind, which gave `result`, are evaluated. `before` gets how they were until now:
 * where several families replace the same kind, each but one needs its own.
 */
template <typename Primitive>
void replace(const mlx::core::array& result, Evaluation<Primitive> replacement,
             Evaluation<Primitive>& before = original<Primitive>) {
  auto& primitive = static_cast<Primitive&>(result.primitive());
  using Member = void (Primitive::*)(const std::vector<mlx::core::array>&, mlx::core::array&);
  auto* const slot = virtual_function<Evaluation<Primitive>>(primitive, static_cast<Member>(&Primitive::eval_cpu));
  before = *slot;
  replace_virtual_function<Evaluation<Primitive>>(slot, replacement);
}

}  // namespace mlx_router
