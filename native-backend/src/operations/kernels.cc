#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "mlx/fast.h"
#include "napi/exports.h"
#include "operations/bind.h"

// Kernels of the caller's own source, for `mlx-router/unsafe` alone: nothing checks what they do.
namespace mlx_router {
namespace {

struct Metal {
  using Kernel = mlx_fast_metal_kernel;
  using Config = mlx_fast_metal_kernel_config;
  static constexpr auto kFree = mlx_fast_metal_kernel_free;
  static constexpr auto kApply = mlx_fast_metal_kernel_apply;
  static constexpr auto kNewConfig = mlx_fast_metal_kernel_config_new;
  static constexpr auto kFreeConfig = mlx_fast_metal_kernel_config_free;
  static constexpr auto kOutput = mlx_fast_metal_kernel_config_add_output_arg;
  static constexpr auto kGrid = mlx_fast_metal_kernel_config_set_grid;
  static constexpr auto kThreads = mlx_fast_metal_kernel_config_set_thread_group;
  static constexpr auto kInitValue = mlx_fast_metal_kernel_config_set_init_value;
  static constexpr auto kVerbose = mlx_fast_metal_kernel_config_set_verbose;
  static constexpr auto kDtype = mlx_fast_metal_kernel_config_add_template_arg_dtype;
  static constexpr auto kInt = mlx_fast_metal_kernel_config_add_template_arg_int;
  static constexpr auto kBool = mlx_fast_metal_kernel_config_add_template_arg_bool;
};

struct Cuda {
  using Kernel = mlx_fast_cuda_kernel;
  using Config = mlx_fast_cuda_kernel_config;
  static constexpr auto kFree = mlx_fast_cuda_kernel_free;
  static constexpr auto kApply = mlx_fast_cuda_kernel_apply;
  static constexpr auto kNewConfig = mlx_fast_cuda_kernel_config_new;
  static constexpr auto kFreeConfig = mlx_fast_cuda_kernel_config_free;
  static constexpr auto kOutput = mlx_fast_cuda_kernel_config_add_output_arg;
  static constexpr auto kGrid = mlx_fast_cuda_kernel_config_set_grid;
  static constexpr auto kThreads = mlx_fast_cuda_kernel_config_set_thread_group;
  static constexpr auto kInitValue = mlx_fast_cuda_kernel_config_set_init_value;
  static constexpr auto kVerbose = mlx_fast_cuda_kernel_config_set_verbose;
  static constexpr auto kDtype = mlx_fast_cuda_kernel_config_add_template_arg_dtype;
  static constexpr auto kInt = mlx_fast_cuda_kernel_config_add_template_arg_int;
  static constexpr auto kBool = mlx_fast_cuda_kernel_config_add_template_arg_bool;
};

struct Names {
  mlx_vector_string value = mlx_vector_string_new();
  Names() = default;
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  ~Names() { mlx_vector_string_free(value); }

  bool read(const Call& call, napi_value list) {
    uint32_t length;
    if (!list_length(call, list, &length)) return refuse(call, "a list of names");
    for (uint32_t i = 0; i < length; i++) {
      napi_value item;
      std::string text;
      if (napi_get_element(call.env, list, i, &item) != napi_ok) return refuse(call, "a list of names");
      if (!read_text(call, item, &text)) return false;
      if (mlx_vector_string_append_value(value, text.c_str()) != 0) return refuse(call, "a list of names");
    }
    return true;
  }
};

template <class Gpu>
napi_value hold(napi_env env, typename Gpu::Kernel kernel) {
  if (kernel.ctx == nullptr) return throw_mlx(env);
  napi_value result;
  const auto release = [](node_api_basic_env, void* context, void*) { Gpu::kFree({context}); };
  if (napi_create_external(env, kernel.ctx, release, nullptr, &result) == napi_ok) return result;
  Gpu::kFree(kernel);
  return throw_argument(env, "the kernel cannot be held");
}

struct Source {
  TextArgument name, source, header;
  Names inputs, outputs;
  BoolArgument in_rows;

  bool read(Call& call, const napi_value* values) {
    return name.read(call, values[0]) && inputs.read(call, values[1]) && outputs.read(call, values[2]) &&
           source.read(call, values[3]) && header.read(call, values[4]) && in_rows.read(call, values[5]);
  }
};

// metalKernel(name, inputs, outputs, source, header, inRows, atomicOutputs)
napi_value metal_kernel(napi_env env, napi_callback_info info) {
  const Received<7> received(env, info);
  Call call{env, received.environment};
  Source given;
  BoolArgument atomic;
  if (!given.read(call, received.values) || !atomic.read(call, received.values[6])) return nullptr;
  return hold<Metal>(env, mlx_fast_metal_kernel_new(given.name.text.c_str(), given.inputs.value, given.outputs.value,
                                                    given.source.text.c_str(), given.header.text.c_str(),
                                                    given.in_rows.flag, atomic.flag));
}

// cudaKernel(name, inputs, outputs, source, header, inRows, sharedMemory)
napi_value cuda_kernel(napi_env env, napi_callback_info info) {
  const Received<7> received(env, info);
  Call call{env, received.environment};
  Source given;
  IntegerArgument<int> shared;
  if (!given.read(call, received.values) || !shared.read(call, received.values[6])) return nullptr;
  return hold<Cuda>(env, mlx_fast_cuda_kernel_new(given.name.text.c_str(), given.inputs.value, given.outputs.value,
                                                  given.source.text.c_str(), given.header.text.c_str(),
                                                  given.in_rows.flag, shared.number));
}

struct Shapes {
  std::vector<IntegersArgument<int>> shapes;
  IntegersArgument<int> dtypes;

  bool read(Call& call, napi_value shape_list, napi_value dtype_list) {
    uint32_t length;
    if (!list_length(call, shape_list, &length) || !dtypes.read(call, dtype_list)) {
      return refuse(call, "a list of shapes");
    }
    if (dtypes.items.size() != length) return refuse(call, "as many shapes as dtypes");
    shapes.resize(length);
    for (uint32_t i = 0; i < length; i++) {
      napi_value item;
      if (napi_get_element(call.env, shape_list, i, &item) != napi_ok || !shapes[i].read(call, item)) return false;
    }
    return true;
  }
};

struct Sizes {
  IntegersArgument<int> grid, threads;

  bool read(Call& call, napi_value grid_list, napi_value thread_list) {
    if (!grid.read(call, grid_list) || !threads.read(call, thread_list)) return false;
    return (grid.items.size() == 3 && threads.items.size() == 3) || refuse(call, "three sizes for the grid");
  }
};

// One `[name, value]` of the template: a boolean, an integer, or a dtype's code in a list of one.
template <class Gpu>
bool add_template(Call& call, typename Gpu::Config config, napi_value pair) {
  napi_value name_value, value;
  std::string name;
  if (napi_get_element(call.env, pair, 0, &name_value) != napi_ok ||
      napi_get_element(call.env, pair, 1, &value) != napi_ok || !read_text(call, name_value, &name)) {
    return refuse(call, "pairs of a name and a value for the template");
  }
  bool flag = false, is_list = false;
  int failed = 0;
  if (napi_get_value_bool(call.env, value, &flag) == napi_ok) {
    failed = Gpu::kBool(config, name.c_str(), flag);
  } else if (napi_is_array(call.env, value, &is_list) == napi_ok && is_list) {
    napi_value code;
    DtypeArgument dtype;
    if (napi_get_element(call.env, value, 0, &code) != napi_ok || !dtype.read(call, code)) return false;
    failed = Gpu::kDtype(config, name.c_str(), dtype.chosen);
  } else {
    IntegerArgument<int> number;
    if (!number.read(call, value)) return false;
    failed = Gpu::kInt(config, name.c_str(), number.number);
  }
  if (failed != 0) throw_mlx(call.env);
  return failed == 0;
}

template <class Gpu>
struct Config {
  typename Gpu::Config value = Gpu::kNewConfig();
  Config() = default;
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  ~Config() { Gpu::kFreeConfig(value); }

  // template, grid, threads, shapes, dtypes, initValue, verbose
  bool read(Call& call, const napi_value* values) {
    uint32_t length;
    Sizes sizes;
    Shapes results;
    FloatArgument<float> init_value;
    BoolArgument verbose;
    if (!list_length(call, values[0], &length)) return refuse(call, "a list for the template");
    for (uint32_t i = 0; i < length; i++) {
      napi_value pair;
      if (napi_get_element(call.env, values[0], i, &pair) != napi_ok || !add_template<Gpu>(call, value, pair)) {
        return false;
      }
    }
    const bool initialized = !is_absent(call.env, values[5]);
    if (!sizes.read(call, values[1], values[2]) || !results.read(call, values[3], values[4]) ||
        (initialized && !init_value.read(call, values[5])) || !verbose.read(call, values[6])) {
      return false;
    }
    const auto& grid = sizes.grid.items;
    const auto& threads = sizes.threads.items;
    bool failed = Gpu::kGrid(value, grid[0], grid[1], grid[2]) != 0 ||
                  Gpu::kThreads(value, threads[0], threads[1], threads[2]) != 0 ||
                  Gpu::kVerbose(value, verbose.flag) != 0 ||
                  (initialized && Gpu::kInitValue(value, static_cast<float>(init_value.number)) != 0);
    for (size_t i = 0; i < results.shapes.size() && !failed; i++) {
      const auto [shape, size] = results.shapes[i].values();
      failed = Gpu::kOutput(value, shape, size, static_cast<mlx_dtype>(results.dtypes.items[i])) != 0;
    }
    if (failed) throw_mlx(call.env);
    return !failed;
  }
};

// applyMetalKernel(kernel, inputs, template, grid, threads, shapes, dtypes, initValue, verbose, stream): slots
template <class Gpu>
napi_value apply(napi_env env, napi_callback_info info) {
  const Received<10> received(env, info);
  Call call{env, received.environment};
  void* kernel = nullptr;
  ArraysArgument inputs;
  Config<Gpu> config;
  int32_t stream;
  if (napi_get_value_external(env, received.values[0], &kernel) != napi_ok) {
    return throw_argument(env, "expected a kernel");
  }
  if (!inputs.read(call, received.values[1]) || !config.read(call, received.values + 2) ||
      !read_stream(call, received.values[9], &stream)) {
    return nullptr;
  }
  if (!inputs.resolve(call)) return nullptr;
  VectorResult outputs(call.environment->slots);
  MLX_TRY(env, Gpu::kApply(&outputs.vector, {kernel}, inputs.vector, config.value, call.environment->stream(stream)));
  return outputs.store(call);
}

bool read_scalars(Call& call, napi_value list, std::vector<mlx::core::fast::ScalarArg>* scalars) {
  uint32_t length;
  if (!list_length(call, list, &length)) return refuse(call, "a list of scalars");
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    bool flag = false;
    double number = 0;
    if (napi_get_element(call.env, list, i, &item) != napi_ok) return refuse(call, "a list of scalars");
    if (napi_get_value_bool(call.env, item, &flag) == napi_ok) {
      scalars->emplace_back(flag);
    } else if (napi_get_value_double(call.env, item, &number) != napi_ok) {
      return refuse(call, "a number or a boolean as a scalar");
    } else if (std::trunc(number) == number && std::abs(number) <= std::numeric_limits<int>::max()) {
      scalars->emplace_back(static_cast<int>(number));
    } else {
      scalars->emplace_back(static_cast<float>(number));
    }
  }
  return true;
}

mlx::core::Dtype dtype_of(int code) {
  // Through an array of it: mlx-c numbers the dtypes as MLX's own enumeration does, but has no public conversion.
  const int shape[] = {0};
  static const uint8_t kNothing[16] = {};
  const mlx_array empty = mlx_array_new_data(kNothing, shape, 1, static_cast<mlx_dtype>(code));
  const mlx::core::Dtype dtype = static_cast<const mlx::core::array*>(empty.ctx)->dtype();
  mlx_array_free(empty);
  return dtype;
}

// runCudaBinary(name, binary, inputs, scalars, grid, threads, shapes, dtypes, initValue, sharedMemory, inRows, stream)
napi_value run_cuda_binary(napi_env env, napi_callback_info info) {
  const Received<12> received(env, info);
  Call call{env, received.environment};
  const napi_value* values = received.values;
  TextArgument name;
  ArraysArgument inputs;
  std::vector<mlx::core::fast::ScalarArg> scalars;
  Sizes sizes;
  Shapes results;
  FloatArgument<float> init_value;
  IntegerArgument<int> shared;
  BoolArgument in_rows;
  napi_typedarray_type type;
  void* data;
  size_t length;
  int32_t stream;
  const bool initialized = !is_absent(env, values[8]);
  if (!name.read(call, values[0]) || !inputs.read(call, values[2]) || !read_scalars(call, values[3], &scalars) ||
      !sizes.read(call, values[4], values[5]) || !results.read(call, values[6], values[7]) ||
      (initialized && !init_value.read(call, values[8])) || !shared.read(call, values[9]) ||
      !in_rows.read(call, values[10]) || !read_stream(call, values[11], &stream)) {
    return nullptr;
  }
  if (napi_get_typedarray_info(env, values[1], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return throw_argument(env, "expected a Uint8Array of the binary");
  }
  if (!inputs.resolve(call)) return nullptr;
  const mlx_stream place = call.environment->stream(stream);
  if (place.ctx == nullptr) return throw_argument(env, "expected the index of a stream");
  try {
    std::vector<mlx::core::array> arrays;
    std::vector<mlx::core::Shape> shapes;
    std::vector<mlx::core::Dtype> dtypes;
    for (const ArrayArgument& item : inputs.items) {
      arrays.push_back(*static_cast<const mlx::core::array*>(item.array.ctx));
    }
    for (const auto& shape : results.shapes) shapes.emplace_back(shape.items.begin(), shape.items.end());
    for (int code : results.dtypes.items) dtypes.push_back(dtype_of(code));
    const auto& grid = sizes.grid.items;
    const auto& threads = sizes.threads.items;
    const auto outputs = mlx::core::fast::precompiled_cuda_kernel(
        name.text, std::string(static_cast<const char*>(data), length), arrays, shapes, dtypes, scalars,
        {grid[0], grid[1], grid[2]}, {threads[0], threads[1], threads[2]}, shared.number,
        initialized ? std::optional<float>(static_cast<float>(init_value.number)) : std::nullopt, in_rows.flag,
        *static_cast<mlx::core::Stream*>(place.ctx));
    VectorResult result(call.environment->slots);
    for (const auto& output : outputs) {
      auto copy = output;
      MLX_TRY(env, mlx_vector_array_append_value(result.vector, mlx_array{&copy}));
    }
    return result.store(call);
  } catch (const std::exception& error) {
    _mlx_error(__FILE__, __LINE__, error.what());
    return throw_mlx(env);
  }
}

}  // namespace

napi_status export_kernels(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"metalKernel", metal_kernel},
                        {"cudaKernel", cuda_kernel},
                        {"applyMetalKernel", apply<Metal>},
                        {"applyCudaKernel", apply<Cuda>},
                        {"runCudaBinary", run_cuda_binary}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
