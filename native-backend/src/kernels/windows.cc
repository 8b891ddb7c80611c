#include "kernels/windows.h"

#if defined(__linux__) && defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include "kernels/numbers.h"
#include "kernels/runs.h"

namespace mlx_router {
namespace {

constexpr std::int64_t kLanes = 8;
/** So many registers of sums are computed beside each other. */
constexpr int kMostBlocks = 4;

/** What one result reads: where the channels of each input begin, and the place of the kernel that it lies at. */
struct Reads {
  std::size_t count = 0;
  const float* inputs[kMostPlaces];
  std::int64_t places[kMostPlaces];
};

/** The index of the input that lies at a place of the kernel; negative where there is none. */
std::int64_t input_at(const Slide& slide, bool flip, std::int64_t result, std::int64_t place) {
  const std::int64_t from = flip ? slide.kernel - 1 - place : place;
  const std::int64_t at = result * slide.stride - slide.padding + from * slide.dilation;
  if (at < 0 || at % slide.spread != 0) return -1;
  return at / slide.spread < slide.in ? at / slide.spread : -1;
}

/** Sums of so many blocks of lanes, from the first tap and channel to the last. */
template <int kBlocks>
MLX_ROUTER_AVX2 void sum_blocks(const Reads& reads, std::int64_t first_channel, std::int64_t channels,
                                const float* weights, std::int64_t block_size, float* out) {
  __m256 sums[kBlocks];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for (std::size_t tap = 0; tap < reads.count; tap++) {
    const float* x = reads.inputs[tap] + first_channel;
    const float* w = weights + reads.places[tap] * channels * kLanes;
    for (std::int64_t c = 0; c < channels; c++) {
      const __m256 one = _mm256_broadcast_ss(x + c);
      for (int block = 0; block < kBlocks; block++) {
        const __m256 product = _mm256_mul_ps(one, _mm256_loadu_ps(w + block * block_size + c * kLanes));
        sums[block] = _mm256_add_ps(sums[block], product);
      }
    }
  }
  for (int block = 0; block < kBlocks; block++) _mm256_storeu_ps(out + block * kLanes, sums[block]);
}

using SumBlocks = void (*)(const Reads&, std::int64_t, std::int64_t, const float*, std::int64_t, float*);
constexpr SumBlocks kSumBlocks[] = {sum_blocks<1>, sum_blocks<2>, sum_blocks<3>, sum_blocks<4>};

/** The results of one place, group by group. */
void sum_groups(const Windows& windows, const Reads& reads, const float* weights, float* out) {
  const std::int64_t channels = windows.channels / windows.groups;
  const std::int64_t results = windows.results / windows.groups;
  const std::int64_t block_size = windows.kernel_size() * channels * kLanes;
  float sums[kMostBlocks * kLanes];
  for (std::int64_t group = 0; group < windows.groups; group++) {
    for (std::int64_t first = 0; first < results;) {
      const std::int64_t blocks = std::min<std::int64_t>((results - first + kLanes - 1) / kLanes, kMostBlocks);
      kSumBlocks[blocks - 1](reads, group * channels, channels, weights, block_size, sums);
      const std::int64_t count = std::min(results - first, blocks * kLanes);
      std::memcpy(out + group * results + first, sums, static_cast<std::size_t>(count) * sizeof(float));
      weights += blocks * block_size;
      first += count;
    }
  }
}

/** Each result has one channel of its own, which is its lane. */
template <int kBlocks>
MLX_ROUTER_AVX2 void sum_channels(const Reads& reads, std::int64_t first, std::int64_t channels, const float* weights,
                                  float* out) {
  __m256 sums[kBlocks];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for (std::size_t tap = 0; tap < reads.count; tap++) {
    const float* x = reads.inputs[tap] + first;
    const float* w = weights + reads.places[tap] * channels + first;
    for (int block = 0; block < kBlocks; block++) {
      const __m256 product = _mm256_mul_ps(_mm256_loadu_ps(x + block * kLanes), _mm256_loadu_ps(w + block * kLanes));
      sums[block] = _mm256_add_ps(sums[block], product);
    }
  }
  for (int block = 0; block < kBlocks; block++) _mm256_storeu_ps(out + first + block * kLanes, sums[block]);
}

MLX_ROUTER_AVX2 void sum_depthwise(const Windows& windows, const Reads& reads, const float* weights, float* out) {
  const std::int64_t channels = windows.channels;
  std::int64_t first = 0;
  for (; first + kMostBlocks * kLanes <= channels; first += kMostBlocks * kLanes) {
    sum_channels<kMostBlocks>(reads, first, channels, weights, out);
  }
  for (; first + kLanes <= channels; first += kLanes) sum_channels<1>(reads, first, channels, weights, out);
  for (; first < channels; first++) {
    float sum = 0;
    for (std::size_t tap = 0; tap < reads.count; tap++) {
      sum += reads.inputs[tap][first] * weights[reads.places[tap] * channels + first];
    }
    out[first] = sum;
  }
}

}  // namespace

std::size_t packed_size(const Windows& windows) {
  if (windows.is_depthwise()) return static_cast<std::size_t>(windows.kernel_size() * windows.channels);
  const std::int64_t blocks = (windows.results / windows.groups + kLanes - 1) / kLanes;
  return static_cast<std::size_t>(windows.kernel_size() * windows.channels * blocks * kLanes);
}

void pack_weights(const Windows& windows, const float* weights, float* packed) {
  const std::int64_t size = windows.kernel_size();
  const std::int64_t channels = windows.channels / windows.groups;
  if (windows.is_depthwise()) {
    for (std::int64_t place = 0; place < size; place++) {
      for (std::int64_t c = 0; c < windows.channels; c++) *packed++ = weights[c * size + place];
    }
    return;
  }
  const std::int64_t results = windows.results / windows.groups;
  for (std::int64_t group = 0; group < windows.groups; group++) {
    for (std::int64_t first = 0; first < results; first += kLanes) {
      for (std::int64_t at = 0; at < size * channels; at++) {
        for (std::int64_t lane = first; lane < first + kLanes; lane++) {
          *packed++ = lane < results ? weights[(group * results + lane) * size * channels + at] : 0.0f;
        }
      }
    }
  }
}

void sum_row(const Windows& windows, std::int64_t row, const float* in, const float* packed, float* out) {
  const auto& [depth, height, width] = windows.slides;
  const std::int64_t line = row % height.out;
  const std::int64_t layer = row / height.out % depth.out;
  const float* image = in + row / (height.out * depth.out) * depth.in * height.in * width.in * windows.channels;
  // Lines of the input that the whole row reads, and the first place of the kernel in each.
  Reads lines;
  for (std::int64_t d = 0; d < depth.kernel; d++) {
    const std::int64_t at_depth = input_at(depth, windows.flip, layer, d);
    for (std::int64_t h = 0; at_depth >= 0 && h < height.kernel; h++) {
      const std::int64_t at_height = input_at(height, windows.flip, line, h);
      if (at_height < 0) continue;
      lines.inputs[lines.count] = image + (at_depth * height.in + at_height) * width.in * windows.channels;
      lines.places[lines.count++] = (d * height.kernel + h) * width.kernel;
    }
  }
  Reads reads;
  for (std::int64_t column = 0; column < width.out; column++, out += windows.results) {
    reads.count = 0;
    for (std::size_t i = 0; i < lines.count; i++) {
      for (std::int64_t w = 0; w < width.kernel; w++) {
        const std::int64_t at = input_at(width, windows.flip, column, w);
        if (at < 0) continue;
        reads.inputs[reads.count] = lines.inputs[i] + at * windows.channels;
        reads.places[reads.count++] = lines.places[i] + w;
      }
    }
    if (windows.is_depthwise()) {
      sum_depthwise(windows, reads, packed, out);
    } else {
      sum_groups(windows, reads, packed, out);
    }
  }
}

void unfold_row(const Windows& windows, std::int64_t row, const float* in, float* out) {
  const auto& [depth, height, width] = windows.slides;
  const std::int64_t channels = windows.channels;
  const std::int64_t top = row % height.out * height.stride - height.padding;
  const std::int64_t front = row / height.out % depth.out * depth.stride - depth.padding;
  const float* image = in + row / (height.out * depth.out) * depth.in * height.in * width.in * channels;
  const std::int64_t line_size = width.kernel * channels;
  const std::int64_t window_size = windows.kernel_size() * channels;
  // These results read no place beside a line of the input.
  const std::int64_t first = std::clamp<std::int64_t>((width.padding + width.stride - 1) / width.stride, 0, width.out);
  const std::int64_t room = width.in + width.padding - width.kernel;
  const std::int64_t last = room < 0 ? first : std::clamp<std::int64_t>(room / width.stride + 1, first, width.out);
  const auto unfold_at_edge = [&](const float* line, std::int64_t column, float* to) {
    for (std::int64_t k = 0; k < width.kernel; k++, to += channels) {
      const std::int64_t at = column * width.stride - width.padding + k;
      if (at < 0 || at >= width.in) {
        clear_run(to, static_cast<std::size_t>(channels));
      } else {
        copy_run(line + at * channels, to, static_cast<std::size_t>(channels) * sizeof(float));
      }
    }
  };
  for (std::int64_t d = front; d < front + depth.kernel; d++) {
    for (std::int64_t h = top; h < top + height.kernel; h++, out += line_size) {
      if (d < 0 || d >= depth.in || h < 0 || h >= height.in) {
        for (std::int64_t column = 0; column < width.out; column++) {
          clear_run(out + column * window_size, static_cast<std::size_t>(line_size));
        }
        continue;
      }
      const float* line = image + (d * height.in + h) * width.in * channels;
      for (std::int64_t column = 0; column < first; column++) unfold_at_edge(line, column, out + column * window_size);
      if (first < last) {
        const float* from = line + (first * width.stride - width.padding) * channels;
        copy_runs(
            reinterpret_cast<const char*>(from), static_cast<std::size_t>(width.stride * channels) * sizeof(float),
            reinterpret_cast<char*>(out + first * window_size), static_cast<std::size_t>(window_size) * sizeof(float),
            static_cast<std::size_t>(last - first), static_cast<std::size_t>(line_size) * sizeof(float));
      }
      for (std::int64_t column = last; column < width.out; column++) {
        unfold_at_edge(line, column, out + column * window_size);
      }
    }
  }
}

}  // namespace mlx_router

#endif
