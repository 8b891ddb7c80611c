// The works of the benchmarks in C++, by the names of their rows.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "mlx/mlx.h"

namespace bench_floor {

namespace mx = mlx::core;

// Does the work so often, and gives what it came to, where that is a number that the other sides come to as well.
using Workload = std::function<std::optional<double>(int)>;
using Workloads = std::map<std::string, Workload>;

Workloads micro();
Workloads programs();
Workloads training();
Workloads chains();

inline mx::array constant(double value) { return mx::array(static_cast<float>(value)); }

inline double number(mx::array x) { return x.item<float>(); }

}  // namespace bench_floor
