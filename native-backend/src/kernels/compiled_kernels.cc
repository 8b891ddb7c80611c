#include "kernels/families.h"

#if defined(__linux__) && defined(__x86_64__)

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/compiled_vectors.h"
#include "kernels/compiler.h"
#include "kernels/parallel.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "workarounds/guards/imported_functions.h"
#include "workarounds/guards/virtual_functions.h"

// MLX compiles a fused operation into a function that loops over all elements, and looks it up by its name when it is
// first computed: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/compiled.cpp
// What it finds there is a function of this file, which calls the kernel for parts of the arrays on several threads.
// All else stays with MLX. An element is computed by the same steps as before, so the bits are the same, but for the
// sign and payload of a NaN that comes of two: parts begin where the compiler's vectors begin.
namespace mlx_router {
namespace {

using mlx::core::array;
using mlx::core::Compiled;
using Arrays = std::vector<array>;

/** What MLX calls; contiguous kernels have the number of elements as their last argument instead of shape and strides.
 */
using Kernel = void (*)(int* shape, std::int64_t** strides, void** arguments);

/** So many elements are computed at a time: a multiple of what any vector holds. */
constexpr std::size_t kPart = 4096;
constexpr std::size_t kMostArguments = 64;
constexpr std::size_t kMostDimensions = 16;

struct Argument {
  std::int64_t itemsize;
  bool is_scalar;
  bool is_result;
};

struct Splittable {
  Kernel kernel = nullptr;
  /** How many loops it has; 0 of a contiguous one. */
  std::size_t dimensions = 0;
  std::vector<Argument> arguments;
};

using Pointers = std::array<void*, kMostArguments>;

void run_contiguous(const Splittable& split, int* shape, std::int64_t** strides, void** arguments) {
  const std::size_t count = split.arguments.size();
  const auto size = reinterpret_cast<std::size_t>(arguments[count]);
  for_each_part(size, kPart, [&](std::size_t start, std::size_t length) {
    Pointers own;
    for (std::size_t i = 0; i < count; i++) {
      const Argument& argument = split.arguments[i];
      const std::int64_t offset = argument.is_scalar ? 0 : static_cast<std::int64_t>(start) * argument.itemsize;
      own[i] = static_cast<char*>(arguments[i]) + offset;
    }
    own[count] = reinterpret_cast<void*>(length);
    split.kernel(shape, strides, own.data());
  });
}

/** Pieces of nested loops, which hold more than `kPart` elements: some steps of one loop for a step of each outside of
 * it. */
class Pieces {
 public:
  Pieces(const int* shape, std::size_t dimensions) : loop_(dimensions - 1) {
    for (std::size_t i = 0; i < dimensions; i++) shape_[i] = static_cast<std::size_t>(shape[i]);
    for (; inner_ * shape_[loop_] <= kPart; loop_--) inner_ *= shape_[loop_];
    const std::size_t most = kPart / inner_;
    along_ = (shape_[loop_] + most - 1) / most;
    steps_ = (shape_[loop_] + along_ - 1) / along_;
    // A piece of the innermost loop begins where a vector of the whole loop would.
    if (inner_ == 1) steps_ = (steps_ + kLanes - 1) / kLanes * kLanes;
    along_ = (shape_[loop_] + steps_ - 1) / steps_;
    count_ = along_;
    for (std::size_t i = 0; i < loop_; i++) count_ *= shape_[i];
  }

  std::size_t count() const { return count_; }
  std::size_t loop() const { return loop_; }

  /** At which step of each loop a piece begins and how many it does; gives the place of its first result. */
  std::size_t locate(std::size_t piece, std::size_t* first, int* shape) const {
    first[loop_] = piece % along_ * steps_;
    shape[loop_] = static_cast<int>(std::min(steps_, shape_[loop_] - first[loop_]));
    std::size_t place = first[loop_] * inner_;
    std::size_t stride = shape_[loop_] * inner_;
    piece /= along_;
    for (std::size_t i = loop_; i-- > 0;) {
      first[i] = piece % shape_[i];
      shape[i] = 1;
      place += first[i] * stride;
      stride *= shape_[i];
      piece /= shape_[i];
    }
    return place;
  }

 private:
  static constexpr std::size_t kLanes = 64;
  std::array<std::size_t, kMostDimensions> shape_{};
  std::size_t loop_;
  std::size_t inner_ = 1;
  std::size_t along_;
  std::size_t steps_;
  std::size_t count_;
};

void run_strided(const Splittable& split, int* shape, std::int64_t** strides, void** arguments) {
  std::size_t size = 1;
  for (std::size_t i = 0; i < split.dimensions; i++) size *= static_cast<std::size_t>(shape[i]);
  if (size <= 2 * kPart) return split.kernel(shape, strides, arguments);
  const Pieces pieces(shape, split.dimensions);
  const auto run = [&](std::size_t piece) {
    std::array<std::size_t, kMostDimensions> first{};
    std::array<int, kMostDimensions> own_shape;
    std::copy_n(shape, split.dimensions, own_shape.begin());
    const std::size_t place = pieces.locate(piece, first.data(), own_shape.data());
    Pointers own;
    // The strides of the result come first.
    std::size_t next = 1;
    for (std::size_t i = 0; i < split.arguments.size(); i++) {
      const Argument& argument = split.arguments[i];
      std::int64_t offset = 0;
      if (argument.is_result) {
        offset = static_cast<std::int64_t>(place);
      } else if (!argument.is_scalar) {
        for (std::size_t j = 0; j <= pieces.loop(); j++)
          offset += static_cast<std::int64_t>(first[j]) * strides[next][j];
        next++;
      }
      own[i] = static_cast<char*>(arguments[i]) + offset * argument.itemsize;
    }
    split.kernel(own_shape.data(), strides, own.data());
  };
  for_each_part(pieces.count(), 1, [&](std::size_t start, std::size_t count) {
    for (std::size_t piece = start; piece < start + count; piece++) run(piece);
  });
}

// MLX knows a kernel by its address alone, so each has a function of its own here. Kernels beyond these stay as they
// are. Nothing is ever freed: threads of MLX may still compute while the process exits.
constexpr std::size_t kMostKernels = 1024;
std::array<std::atomic<const Splittable*>, kMostKernels> splittables{};
std::atomic<std::size_t> known{0};

template <std::size_t kNumber>
void run_kernel(int* shape, std::int64_t** strides, void** arguments) {
  const Splittable& split = *splittables[kNumber].load(std::memory_order_acquire);
  (split.dimensions == 0 ? run_contiguous : run_strided)(split, shape, strides, arguments);
}

template <std::size_t... kNumbers>
constexpr std::array<Kernel, sizeof...(kNumbers)> kernels_of(std::index_sequence<kNumbers...>) {
  return {run_kernel<kNumbers>...};
}

constexpr auto kernels = kernels_of(std::make_index_sequence<kMostKernels>());

/** The fused operation that this thread hands over. */
struct Evaluation {
  const Compiled& compiled;
  const Arrays& inputs;
  const Arrays& outputs;
};

thread_local const Evaluation* evaluation = nullptr;

/** The name of a library ends with a letter for each input, the dtypes of those that are no constants, and a hash. */
std::string_view letters_of(std::string_view library) {
  if (library.ends_with(kVectorSuffix)) library.remove_suffix(kVectorSuffix.size());
  for (int i = 0; i < 2; i++) library = library.substr(0, std::min(library.size(), library.rfind('_')));
  const std::size_t at = library.rfind('_');
  return at == std::string_view::npos ? std::string_view() : library.substr(at + 1);
}

/** The arguments of its kernels: inputs that are no constants, and results. Empty where the name is not understood. */
std::vector<Argument> arguments_of(const Evaluation& of, std::string_view library) {
  const std::string_view letters = letters_of(library);
  if (letters.size() != of.inputs.size()) return {};
  std::vector<Argument> arguments;
  for (std::size_t i = 0; i < letters.size(); i++) {
    if (letters[i] == 'C') continue;
    if (letters[i] != 'S' && letters[i] != 'V') return {};
    arguments.push_back({static_cast<std::int64_t>(of.inputs[i].itemsize()), letters[i] == 'S', false});
  }
  for (const array& output : of.outputs) {
    arguments.push_back({static_cast<std::int64_t>(output.itemsize()), false, true});
  }
  // The size is one more.
  return arguments.size() < kMostArguments ? arguments : std::vector<Argument>();
}

void* splitting(void* kernel, std::string_view name, const Evaluation& of) {
  const std::string library = of.compiled.lib_name();
  if (!name.starts_with(library)) return kernel;
  name.remove_prefix(library.size());
  constexpr std::string_view kStrided = "_strided_";
  std::size_t dimensions = 0;
  if (name.starts_with(kStrided)) {
    dimensions = std::strtoul(name.data() + kStrided.size(), nullptr, 10);
    if (dimensions == 0 || dimensions > kMostDimensions) return kernel;
  } else if (name != "_contiguous") {
    return kernel;
  }
  auto arguments = arguments_of(of, library);
  if (arguments.empty()) return kernel;
  const std::size_t number = known.fetch_add(1);
  if (number >= kMostKernels) return kernel;
  splittables[number].store(new Splittable{reinterpret_cast<Kernel>(kernel), dimensions, std::move(arguments)},
                            std::memory_order_release);
  return reinterpret_cast<void*>(kernels[number]);
}

// In libmlx this stands for `dlsym`.
void* find_function(void* library, const char* name) {
  void* const found = dlsym(library, name);
  return found == nullptr || evaluation == nullptr ? found : splitting(found, name, *evaluation);
}

// In libmlx this stands for `popen`, by which it calls the compiler.
FILE* compile_kernel(const char* command, const char* type) {
  return call_compiler(command, type,
                       evaluation != nullptr && evaluation->compiled.lib_name().ends_with(kVectorSuffix));
}

using EvaluateCompiled = void (*)(Compiled*, const Arrays&, Arrays&);
EvaluateCompiled evaluate_of_mlx = nullptr;

void evaluate(Compiled* compiled, const Arrays& inputs, Arrays& outputs) {
  struct Current {
    explicit Current(const Evaluation& current) : before(std::exchange(evaluation, &current)) {}
    ~Current() { evaluation = before; }
    const Evaluation* before;
  };
  const Evaluation own{*compiled, inputs, outputs};
  const Current current(own);
  evaluate_of_mlx(compiled, inputs, outputs);
}

}  // namespace

// Nothing of this is evaluated.
bool use_compiled_kernels() {
  using namespace mlx::core;
  const Stream stream = default_stream(Device::cpu);
  const array x = zeros({1}, float32, stream);
  const array y = exp(x, stream);
  Compiled compiled(stream, {x}, {y}, {y}, {});
  auto* const slot = virtual_function<EvaluateCompiled>(compiled, &Compiled::eval_cpu);
  if (!replace_imported_function("dlsym", reinterpret_cast<void*>(find_function))) return false;
  evaluate_of_mlx = *slot;
  replace_virtual_function<EvaluateCompiled>(slot, evaluate);
  const bool compiles = replace_imported_function("popen", reinterpret_cast<void*>(compile_kernel));
  if (compiles && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) name_vector_kernels();
  return true;
}

}  // namespace mlx_router

#endif
