#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// What a convolution reads for each of its results, along up to three axes.
namespace mlx_router {

inline constexpr std::size_t kMostAxes = 3;

/** How a convolution goes along an axis. */
struct Slide {
  std::int64_t in = 1;
  std::int64_t out = 1;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t dilation = 1;
  /** So far apart are the inputs, with zeros between them. */
  std::int64_t spread = 1;
};

/** Kernels of more places are convolved by MLX where it does not multiply matrices. */
inline constexpr std::int64_t kMostPlaces = 512;

/** The sizes of a convolution, whose missing axes have one element; channels are last. */
struct Windows {
  std::int64_t batch;
  std::array<Slide, kMostAxes> slides;
  std::int64_t channels;
  std::int64_t results;
  std::int64_t groups;
  bool flip;

  std::int64_t kernel_size() const { return slides[0].kernel * slides[1].kernel * slides[2].kernel; }
  /** Whether each channel has one result of its own. */
  bool is_depthwise() const { return groups == channels && groups == results; }
  /** How many rows of results there are; a row goes along the last axis. */
  std::int64_t rows() const { return batch * slides[0].out * slides[1].out; }
};

/** How many numbers `pack_weights` writes. */
std::size_t packed_size(const Windows& windows);

/** Puts weights, which are `[results, ...kernel, channels]`, into the order in which `sum_row` reads them. */
void pack_weights(const Windows& windows, const float* weights, float* packed);

/**
 * Computes a row of results as MLX does where it does not multiply matrices: each is the sum over the places of the
 * kernel and the channels, from the first to the last, each step rounded to float32. `in` is `[batch, ...in,
 * channels]`, `out` the row's.
 */
void sum_row(const Windows& windows, std::int64_t row, const float* in, const float* packed, float* out);

/**
 * Writes for each result of a row all that it reads, `[...kernel, channels]`, with zeros outside of the input. The
 * kernel and the inputs lie closely, and there is one group.
 */
void unfold_row(const Windows& windows, std::int64_t row, const float* in, float* out);

}  // namespace mlx_router
