#pragma once

#include <cstddef>
#include <cstdint>

// Sums, products, largest and smallest numbers along axes, in MLX's order on a CPU: each result takes its numbers one
// after the other. Here eight results stand beside each other in the lanes of a register.
namespace mlx_router {

enum class Reduction { kSum, kProduct, kMost, kLeast, kAll, kAny };

/** What is reduced; truth values are `kUint8`. */
enum class Elements { kFloat32, kFloat16, kBFloat16, kInt8, kUint8, kInt16, kUint16, kInt32, kUint32 };

/**
 * Where the elements of one result lie, behind the first of them and in the order in which they are taken: from each of
 * some places on `count` elements, each `step` elements behind the one before.
 */
struct Places {
  const std::int64_t* outer;
  std::size_t outer_count;
  std::size_t count;
  std::int64_t step;
};

/** So many results of a block, which follow each other, are computed by one call at most. */
inline constexpr std::size_t kMostColumns = 1024;

/** Blocks of results that follow each other, as do the elements that are taken for them. */
struct Columns {
  std::size_t blocks;
  std::int64_t block_step;
  std::size_t count;
};
using ReduceColumns = void (*)(const void* from, const Places& places, const Columns& columns, void* to);

/** How many rows are computed beside each other at best, and how many at least without waste. */
inline constexpr std::size_t kReducedTogether = 16;
inline constexpr std::size_t kLeastTogether = 8;

/** Results whose elements follow each other in runs, those of a row `step` elements behind those of the one before. */
struct ReducedRows {
  std::size_t count;
  std::int64_t step;
};
using ReduceRows = void (*)(const void* from, const Places& places, const ReducedRows& rows, void* to);

/** How MLX takes elements: run by run, block of results by block, or one result after the other. */
enum class Taking { kRuns, kBlocks, kSingly };

/** Null where there is none. */
ReduceColumns columns_reduction(Reduction reduction, Elements elements, Taking taking);
ReduceRows rows_reduction(Reduction reduction, Elements elements);

/** Where the first of the largest or smallest numbers is: of `rows` that have `length` elements behind each other. */
using FindInRows = void (*)(const void* from, std::size_t length, std::size_t rows, std::uint32_t* to);
/** The same of columns: elements lie `step` behind each other, those of the next column next to them. */
using FindInColumns = void (*)(const void* from, std::size_t length, std::int64_t step, std::size_t columns,
                               std::uint32_t* to);
FindInRows search_of_rows(bool largest, Elements elements);
FindInColumns search_of_columns(bool largest, Elements elements);

}  // namespace mlx_router
