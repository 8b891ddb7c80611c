#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/numbers.h"
#include "kernels/parallel.h"
#include "kernels/processors.h"
#include "kernels/replacing.h"
#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/primitives.h"
#include "mlx/random.h"

namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::RandomBits;
using Arrays = std::vector<array>;

struct Words {
  std::uint32_t first;
  std::uint32_t second;
};

__attribute__((always_inline)) inline std::uint32_t rotated(std::uint32_t word, int bits) {
  return (word << bits) | (word >> (32 - bits));
}

/** Threefry with two words of 32 bits and 20 rounds: Salmon and others, Parallel Random Numbers: As Easy as 1, 2, 3. */
__attribute__((always_inline)) inline Words threefry(Words key, Words counter) {
  const std::uint32_t keys[3] = {key.first, key.second, key.first ^ key.second ^ 0x1bd11bdau};
  constexpr int kRotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  std::uint32_t a = counter.first + keys[0];
  std::uint32_t b = counter.second + keys[1];
#pragma GCC unroll 5
  for (std::uint32_t round = 0; round < 5; round++) {
#pragma GCC unroll 4
    for (const int bits : kRotations[round % 2]) {
      a += b;
      b = rotated(b, bits) ^ a;
    }
    a += keys[(round + 1) % 3];
    b += keys[(round + 2) % 3] + round + 1;
  }
  return {a, b};
}

/** Of the counters `(i, second + i)` one word each. */
MLX_ROUTER_AVX2 void draw(Words key, std::size_t start, std::size_t count, std::size_t second, std::uint32_t* out) {
  std::uint32_t* __restrict__ low = out;
  std::uint32_t* __restrict__ high = out + second;
  const auto first = static_cast<std::uint32_t>(start);
  const auto behind = static_cast<std::uint32_t>(start + second);
  for (std::size_t i = 0; i < count; i++) {
    const auto step = static_cast<std::uint32_t>(i);
    const Words words = threefry(key, {first + step, behind + step});
    low[start + i] = words.first;
    high[start + i] = words.second;
  }
}

// The first half of a key's words are the first words of the counters, the second half the second ones. Of an odd
// number the one in the middle has a counter of its own.
void evaluate_bits(RandomBits* primitive, const Arrays& inputs, array& out) {
  const array& keys = inputs[0];
  const std::size_t count = keys.size() / 2;
  const std::size_t bytes = count == 0 ? 0 : out.nbytes() / count;
  if (bytes == 0 || bytes % sizeof(std::uint32_t) != 0 || !keys.flags().row_contiguous) {
    return original<RandomBits>(primitive, inputs, out);
  }
  allocate(out);
  mlx::core::cpu::get_command_encoder(primitive->stream())
      .dispatch([count, words = bytes / sizeof(std::uint32_t), keys = keys.data<std::uint32_t>(),
                 out = reinterpret_cast<std::uint32_t*>(out.data<char>())] {
        const std::size_t half = words / 2;
        for (std::size_t i = 0; i < count; i++) {
          const Words key{keys[2 * i], keys[2 * i + 1]};
          std::uint32_t* const to = out + i * words;
          for_each_part(half, kPart,
                        [&](std::size_t start, std::size_t part) { draw(key, start, part, words - half, to); });
          if (words % 2 != 0) to[half] = threefry(key, {static_cast<std::uint32_t>(half), 0}).first;
        }
      });
}

}  // namespace

// Nothing of this is evaluated.
bool use_random_kernels() {
  if (!has_vectors()) return false;
  const mlx::core::Device cpu(mlx::core::Device::cpu);
  const array key({0, 0}, {2}, mlx::core::uint32);
  const array result = mlx::core::random::bits({1}, 4, key, cpu);
  replace<RandomBits>(result, evaluate_bits);
  return true;
}

}  // namespace mlx_router

#endif
