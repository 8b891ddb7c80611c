// Per-operation cost. What is built is given back in the same turn, as a local variable is.

#include <vector>

#include "workloads.h"

namespace bench_floor {

namespace {

struct Operands {
  mx::array a = mx::array({1.0F, 2.0F, 3.0F, 4.0F});
  mx::array b = mx::array({5.0F, 6.0F, 7.0F, 8.0F});
  mx::array square = mx::ones({4, 4});
  mx::array two = mx::ones({2, 2});
  mx::array scalar = mx::array(3.0F);
  std::vector<float> floats;

  Operands() {
    for (int i = 0; i < 1000; i++) floats.push_back(static_cast<float>(i / 7.0));
    mx::eval(a, b, square, two, scalar);
  }
};

const Operands& operands() {
  static const Operands made;
  return made;
}

template <typename Build>
Workload building(Build build) {
  return [build](int count) {
    const Operands& given = operands();
    for (int i = 0; i < count; i++) build(given);
    return std::nullopt;
  };
}

mx::array added(const Operands& given, int times) {
  mx::array x = given.a;
  for (int i = 0; i < times; i++) x = mx::add(x, given.b);
  return x;
}

}  // namespace

Workloads micro() {
  const Workload add = building([](const Operands& given) { mx::add(given.a, given.b); });
  return {
      {"add", add},
      {"add-method", add},
      {"add-scalar", building([](const Operands& given) { mx::add(given.a, mx::array(2.0F)); })},
      {"multiply", building([](const Operands& given) { mx::multiply(given.a, given.b); })},
      {"exp", building([](const Operands& given) { mx::exp(given.a); })},
      {"sum-axis", building([](const Operands& given) { mx::sum(given.square, 1); })},
      {"reshape", building([](const Operands& given) { mx::reshape(given.a, {2, 2}); })},
      {"matmul-2x2", building([](const Operands& given) { mx::matmul(given.two, given.two); })},
      {"index-first", building([](const Operands& given) { mx::take(given.square, 0, 0); })},
      {"index-slice", building([](const Operands& given) { mx::slice(given.square, {1, 0}, {3, 4}); })},
      {"chain", building([](const Operands& given) { mx::eval(added(given, 1000)); })},
      {"tidy", building([](const Operands& given) { added(given, 64); })},
      {"item", building([](const Operands& given) { mx::array(given.scalar).item<float>(); })},
      {"sum-item", building([](const Operands& given) { mx::sum(given.a).item<float>(); })},
      {"shape", building([](const Operands& given) { static_cast<void>(mx::add(given.a, given.b).shape(0)); })},
      {"array-typed", building([](const Operands& given) { mx::array(given.floats.data(), {1000}, mx::float32); })},
  };
}

}  // namespace bench_floor
