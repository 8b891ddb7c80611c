#include "kernels/reductions.h"

#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/functions.h"
#include "kernels/parallel.h"
#include "kernels/reduction_plan.h"
#include "kernels/replacing.h"
#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

using mlx::core::ArgReduce;
using mlx::core::array;
using mlx::core::Reduce;
using Arrays = std::vector<array>;

/** So few elements MLX reduces as fast. */
constexpr std::size_t kFew = 512;
/** Of a single row MLX adds as fast what needs no rounding. */
constexpr std::size_t kLeastRows = 2;

std::optional<Elements> elements_of(mlx::core::Dtype dtype) {
  using namespace mlx::core;
  if (dtype == float32) return Elements::kFloat32;
  if (dtype == float16) return Elements::kFloat16;
  if (dtype == bfloat16) return Elements::kBFloat16;
  if (dtype == int8) return Elements::kInt8;
  if (dtype == uint8 || dtype == bool_) return Elements::kUint8;
  if (dtype == int16) return Elements::kInt16;
  if (dtype == uint16) return Elements::kUint16;
  if (dtype == int32) return Elements::kInt32;
  if (dtype == uint32) return Elements::kUint32;
  return std::nullopt;
}

Reduction reduction_of(Reduce::ReduceType type) {
  switch (type) {
    case Reduce::Sum:
      return Reduction::kSum;
    case Reduce::Prod:
      return Reduction::kProduct;
    case Reduce::Max:
      return Reduction::kMost;
    case Reduce::Min:
      return Reduction::kLeast;
    case Reduce::And:
      return Reduction::kAll;
    case Reduce::Or:
      return Reduction::kAny;
  }
  return Reduction::kAny;
}

/** Bools need not be 0 or 1, where they are a view of bytes; which of them is the largest only MLX knows. */
bool is_for_mlx(const array& in, const array& out, bool compares) {
  return in.size() < kFew || out.size() == 0 || in.size() > std::numeric_limits<std::int32_t>::max() ||
         (compares && in.dtype() == mlx::core::bool_);
}

/** Where the elements of the results of some outer axes begin. */
struct Outer {
  std::vector<KeptAxis> axes;

  std::size_t count() const {
    std::size_t count = 1;
    for (const KeptAxis& axis : axes) count *= static_cast<std::size_t>(axis.size);
    return count;
  }

  std::int64_t offset(std::size_t index) const {
    std::int64_t offset = 0;
    for (std::size_t i = axes.size(); i-- > 0;) {
      const auto size = static_cast<std::size_t>(axes[i].size);
      offset += static_cast<std::int64_t>(index % size) * axes[i].step;
      index /= size;
    }
    return offset;
  }
};

/** Takes the innermost axis away; one of a single element where there is none. */
KeptAxis innermost(std::vector<KeptAxis>& axes) {
  if (axes.empty()) return {1, 0};
  const KeptAxis last = axes.back();
  axes.pop_back();
  return last;
}

/** What is reduced, and where the results go. */
struct Memory {
  const char* from;
  char* to;
  std::int64_t from_bytes;
  std::size_t to_bytes;

  const char* read(std::int64_t element) const { return from + element * from_bytes; }
  char* write(std::size_t result) const { return to + result * to_bytes; }
};

/** How many of some things, which have so many elements each, one part has. */
std::size_t things_of_part(std::size_t elements) {
  return std::max<std::size_t>(1, kPart / std::max<std::size_t>(elements, 1));
}

/** From so many rows on each thread gets enough that are computed beside each other. */
constexpr std::size_t kManyRows = 256;

void reduce_rows(const ReductionPlan& plan, ReduceRows reduce, const Memory& memory) {
  Outer outer{plan.kept()};
  const KeptAxis rows = innermost(outer.axes);
  const auto row_count = static_cast<std::size_t>(rows.size);
  // Few rows are shared between threads, too.
  const std::size_t height = row_count < kManyRows ? kLeastTogether : kReducedTogether;
  const std::size_t groups = (row_count + height - 1) / height;
  const std::size_t part = things_of_part(height * plan.elements());
  for_each_part(outer.count() * groups, part, [&](std::size_t start, std::size_t count) {
    while (count > 0) {
      const std::size_t group = start % groups;
      const std::size_t together = std::min(count, groups - group);
      const std::size_t first = group * height;
      const std::int64_t at = outer.offset(start / groups) + static_cast<std::int64_t>(first) * rows.step;
      const ReducedRows some{std::min(row_count - first, together * height), rows.step};
      reduce(memory.read(at), plan.places(), some, memory.write(start / groups * row_count + first));
      start += together;
      count -= together;
    }
  });
}

/** How many columns of a block are computed by one call: enough to be read fast, and few enough to be shared. */
std::size_t columns_of_tile(std::size_t columns) {
  constexpr std::size_t kTiles = 8;
  constexpr std::size_t kLeastTile = 128;
  constexpr std::size_t kLine = 16;
  const std::size_t tile = (columns / kTiles + kLine - 1) / kLine * kLine;
  return std::min(columns, std::clamp(tile, kLeastTile, kMostColumns));
}

void reduce_columns(const ReductionPlan& plan, ReduceColumns reduce, const Memory& memory) {
  Outer outer{plan.kept()};
  const auto columns = static_cast<std::size_t>(innermost(outer.axes).size);
  const KeptAxis blocks = innermost(outer.axes);
  const auto block_count = static_cast<std::size_t>(blocks.size);
  const std::size_t tile = columns_of_tile(columns);
  const std::size_t tiles = (columns + tile - 1) / tile;
  const std::size_t part = things_of_part(tile * plan.elements());
  for_each_part(outer.count() * block_count * tiles, part, [&](std::size_t start, std::size_t count) {
    while (count > 0) {
      const std::size_t block = start / tiles;
      const std::size_t first = start % tiles * tile;
      const std::size_t together = tiles > 1 ? 1 : std::min(count, block_count - block % block_count);
      const std::int64_t at = outer.offset(block / block_count) +
                              static_cast<std::int64_t>(block % block_count) * blocks.step +
                              static_cast<std::int64_t>(first);
      const Columns some{together, blocks.step, std::min(tile, columns - first)};
      reduce(memory.read(at), plan.places(), some, memory.write(block * columns + first));
      start += together;
      count -= together;
    }
  });
}

Memory memory_of(const array& in, array& out) {
  return {in.data<char>(), out.data<char>(), static_cast<std::int64_t>(in.itemsize()), out.itemsize()};
}

void evaluate_reduce(Reduce* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const auto [type, axes] = primitive->state();
  const bool compares = type == Reduce::Max || type == Reduce::Min;
  if (is_for_mlx(in, out, compares)) return original<Reduce>(primitive, inputs, out);
  const auto elements = elements_of(in.dtype());
  auto plan = elements ? ReductionPlan::of(in, axes) : std::nullopt;
  if (!plan) return original<Reduce>(primitive, inputs, out);
  const Reduction reduction = reduction_of(type);
  auto& encoder = mlx::core::cpu::get_command_encoder(primitive->stream());
  // As MLX's own: who evaluates holds the arrays until the task has run.
  if (plan->taking() == Taking::kRuns) {
    const ReduceRows reduce = rows_reduction(reduction, *elements);
    const bool is_chain = out.size() < kLeastRows && in.dtype() == mlx::core::float32 &&
                          (reduction == Reduction::kSum || reduction == Reduction::kProduct);
    if (reduce == nullptr || is_chain) return original<Reduce>(primitive, inputs, out);
    allocate(out);
    encoder.dispatch(
        [plan = std::move(*plan), reduce, memory = memory_of(in, out)] { reduce_rows(plan, reduce, memory); });
  } else {
    const ReduceColumns reduce = columns_reduction(reduction, *elements, plan->taking());
    if (reduce == nullptr) return original<Reduce>(primitive, inputs, out);
    allocate(out);
    encoder.dispatch(
        [plan = std::move(*plan), reduce, memory = memory_of(in, out)] { reduce_columns(plan, reduce, memory); });
  }
}

void evaluate_search(ArgReduce* primitive, const Arrays& inputs, array& out) {
  const array& in = inputs[0];
  const auto elements = elements_of(in.dtype());
  if (is_for_mlx(in, out, true) || !elements || !in.flags().row_contiguous) {
    return original<ArgReduce>(primitive, inputs, out);
  }
  const auto [type, axis] = primitive->state();
  const bool largest = type == ArgReduce::ArgMax;
  const auto length = static_cast<std::size_t>(in.shape(axis));
  std::size_t columns = 1;
  for (int i = axis + 1; i < static_cast<int>(in.ndim()); i++) columns *= static_cast<std::size_t>(in.shape(i));
  const std::size_t rows = out.size() / columns;
  allocate(out);
  auto& encoder = mlx::core::cpu::get_command_encoder(primitive->stream());
  const Memory memory = memory_of(in, out);
  if (columns == 1) {
    encoder.dispatch([find = search_of_rows(largest, *elements), length, rows, memory] {
      const std::size_t together = std::max(things_of_part(length) / kLeastTogether, std::size_t{1});
      for_each_part(rows, together * kLeastTogether, [&](std::size_t start, std::size_t count) {
        find(memory.read(static_cast<std::int64_t>(start * length)), length, count,
             reinterpret_cast<std::uint32_t*>(memory.write(start)));
      });
    });
    return;
  }
  encoder.dispatch([find = search_of_columns(largest, *elements), length, rows, columns, memory] {
    const std::size_t tile = columns_of_tile(columns);
    const std::size_t tiles = (columns + tile - 1) / tile;
    for_each_part(rows * tiles, things_of_part(tile * length), [&](std::size_t start, std::size_t count) {
      for (std::size_t i = start; i < start + count; i++) {
        const std::size_t row = i / tiles;
        const std::size_t first = i % tiles * tile;
        find(memory.read(static_cast<std::int64_t>(row * length * columns + first)), length,
             static_cast<std::int64_t>(columns), std::min(tile, columns - first),
             reinterpret_cast<std::uint32_t*>(memory.write(row * columns + first)));
      }
    });
  });
}

}  // namespace

// Nothing of this is evaluated.
bool use_reduction_kernels() {
  if (!has_functions()) return false;
  const mlx::core::Device cpu(mlx::core::Device::cpu);
  const array x = mlx::core::zeros({2, 2}, mlx::core::float32, cpu);
  // Their only shapes without a squeeze.
  replace<Reduce>(mlx::core::sum(x, 0, true, cpu), evaluate_reduce);
  replace<ArgReduce>(mlx::core::argmax(x, 0, true, cpu), evaluate_search);
  return true;
}

}  // namespace mlx_router

#endif
