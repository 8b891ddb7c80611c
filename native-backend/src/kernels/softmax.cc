#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "kernels/functions.h"
#include "kernels/parallel.h"
#include "kernels/replacing.h"
#include "kernels/rows.h"
#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::LogSumExp;
using mlx::core::Softmax;
using Arrays = std::vector<array>;

/** How many rows hold about `kPart` numbers, in rows that are added beside each other. */
std::size_t rows_of_part(std::size_t rows, std::size_t length) {
  const std::size_t whole = kPart / std::max<std::size_t>(1, length) / kRowsTogether * kRowsTogether;
  // Few rows are shared between threads, too.
  return std::clamp<std::size_t>(rows / 4, 1, std::max(whole, kRowsTogether));
}

std::optional<RowNumbers> numbers_of(const array& a, bool precise) {
  const auto rounding = rounding_of(a.dtype());
  if (!rounding) return std::nullopt;
  return RowNumbers{*rounding, *rounding == Rounding::kFloat32 || !precise};
}

/** Calls `compute(in, out, rows)` on the stream for the rows of an array, whose results have `per_row` bytes. */
template <typename Compute>
void enqueue(mlx::core::Stream stream, const array& in, array& out, std::size_t per_row, Compute compute) {
  const auto length = static_cast<std::size_t>(in.shape(-1));
  // As MLX's own: who evaluates holds the arrays until the task has run.
  mlx::core::cpu::get_command_encoder(stream).dispatch([compute, length, per_row, from = in.data<char>(),
                                                        to = out.data<char>(), rows = in.data_size() / length,
                                                        bytes = length * in.itemsize()] {
    for_each_part(rows, rows_of_part(rows, length), [&](std::size_t start, std::size_t count) {
      compute(from + start * bytes, to + start * per_row, count, length);
    });
  });
}

void evaluate_softmax(Softmax* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const auto numbers = numbers_of(in, primitive->state());
  // MLX copies what does not lie so.
  const bool by_rows = in.size() > 0 && in.ndim() > 0 && in.flags().contiguous && in.strides().back() == 1;
  if (!numbers || !by_rows) return original<Softmax>(primitive, inputs, out);
  if (in.is_donatable()) {
    out.copy_shared_buffer(in);
  } else {
    out.set_data(mlx::core::allocator::malloc(in.data_size() * in.itemsize()), in.data_size(), in.strides(),
                 in.flags());
  }
  const std::size_t bytes = static_cast<std::size_t>(in.shape(-1)) * in.itemsize();
  enqueue(primitive->stream(), in, out, bytes,
          [numbers = *numbers](const char* from, char* to, std::size_t rows, std::size_t length) {
            softmax_rows(from, to, rows, length, numbers);
          });
}

void evaluate_logsumexp(LogSumExp* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const auto numbers = numbers_of(in, true);
  if (!numbers || in.size() == 0 || in.ndim() == 0 || !in.flags().row_contiguous) {
    return original<LogSumExp>(primitive, inputs, out);
  }
  allocate(out);
  enqueue(primitive->stream(), in, out, out.itemsize(),
          [rounding = numbers->rounding](const char* from, char* to, std::size_t rows, std::size_t length) {
            logsumexp_rows(from, to, rows, length, rounding);
          });
}

}  // namespace

// Nothing of this is evaluated.
bool use_softmax_kernels() {
  if (!has_functions()) return false;
  const mlx::core::Device cpu(mlx::core::Device::cpu);
  const array x = mlx::core::zeros({2, 2}, mlx::core::float32, cpu);
  replace<Softmax>(mlx::core::softmax(x, -1, false, cpu), evaluate_softmax);
  // Its only shape without a squeeze.
  replace<LogSumExp>(mlx::core::logsumexp(x, -1, true, cpu), evaluate_logsumexp);
  return true;
}

}  // namespace mlx_router

#endif
