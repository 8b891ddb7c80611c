#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx_router {

// Whether MLX divides by zero, or never returns, where an input or an output of that primitive has no elements.
bool fails_on_empty(const mlx::core::Primitive& primitive);

// Whether CUDA may give its result no memory at all where that has no elements, so that whatever reads it crashes: all
// but views, which share what they are views of.
bool lacks_memory(const mlx::core::Primitive& primitive);

// Whether a result with elements is wrong where an input has none: a shapeless trace broadcasts 0 and 1 to 1, and MLX
// then reads out of bounds.
bool spreads(const mlx::core::Primitive& primitive);

// One of those, with an input or an output without elements: it computes what there is to compute, and is the primitive
// itself to everything but the evaluation.
class EmptyInputs : public mlx::core::Primitive {
 public:
  using Arrays = std::vector<mlx::core::array>;

  explicit EmptyInputs(std::shared_ptr<mlx::core::Primitive> own) : Primitive(own->stream()), own_(std::move(own)) {}

  void eval_cpu(const Arrays& inputs, Arrays& outputs) override;
  void eval_gpu(const Arrays& inputs, Arrays& outputs) override;

  Arrays jvp(const Arrays& primals, const Arrays& tangents, const std::vector<int>& argnums) override {
    return own_->jvp(primals, tangents, argnums);
  }
  Arrays vjp(const Arrays& primals, const Arrays& cotangents, const std::vector<int>& argnums,
             const Arrays& outputs) override {
    return own_->vjp(primals, cotangents, argnums, outputs);
  }
  std::pair<Arrays, std::vector<int>> vmap(const Arrays& inputs, const std::vector<int>& axes) override {
    return own_->vmap(inputs, axes);
  }
  std::vector<mlx::core::Shape> output_shapes(const Arrays& inputs) override { return own_->output_shapes(inputs); }

  // Not that of the primitive, by which exports would take it for one.
  const char* name() const override { return "EmptyInputs"; }
  bool is_equivalent(const Primitive& other) const override;

 private:
  // Makes results without elements, where all are; else what to compute the others from, however its strides were.
  static std::optional<Arrays> inputs_of_others(const Arrays& inputs, Arrays& outputs);

  const std::shared_ptr<mlx::core::Primitive> own_;
  friend bool spreads(const Primitive& primitive);
};

}  // namespace mlx_router
