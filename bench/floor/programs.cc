// Whole programs, the same operations in the same order as on the other sides.

#include <cmath>
#include <vector>

#include "workloads.h"

namespace bench_floor {

namespace {

constexpr int BATCH = 64;
const double RATE = 0.01;

using Arrays = std::vector<mx::array>;

struct Data {
  mx::array images;
  mx::array labels;
  Arrays weights;
};

// Drawn when it is first needed, in the order of the other sides.
const Data& data() {
  static const Data made = [] {
    mx::random::seed(7);
    const mx::array images = mx::random::normal({BATCH, 784});
    const mx::array kinds = mx::random::randint(0, 10, {BATCH});
    const mx::array labels =
        mx::astype(mx::equal(mx::expand_dims(mx::arange(10), 0), mx::expand_dims(kinds, 1)), mx::float32);
    const mx::array w1 = mx::multiply(mx::random::normal({784, 256}), constant(0.05));
    const mx::array w2 = mx::multiply(mx::random::normal({256, 10}), constant(0.05));
    const Arrays weights = {w1, mx::zeros({256}), w2, mx::zeros({10})};
    mx::eval(images, labels);
    mx::eval(weights);
    return Data{images, labels, weights};
  }();
  return made;
}

mx::array descended(const mx::array& weight, const mx::array& gradient) {
  return mx::subtract(weight, mx::multiply(gradient, constant(RATE)));
}

mx::array step(Arrays& weights) {
  const auto& [images, labels, initial] = data();
  const mx::array w1 = weights[0], b1 = weights[1], w2 = weights[2], b2 = weights[3];
  const mx::array hidden = mx::maximum(mx::add(mx::matmul(images, w1), b1), constant(0));
  const mx::array logits = mx::add(mx::matmul(hidden, w2), b2);
  const mx::array log_probabilities = mx::subtract(logits, mx::logsumexp(logits, 1, true));
  const mx::array loss = mx::negative(mx::mean(mx::sum(mx::multiply(labels, log_probabilities), 1)));
  const mx::array d_logits = mx::divide(mx::subtract(mx::exp(log_probabilities), labels), constant(BATCH));
  const mx::array d_hidden = mx::multiply(mx::matmul(d_logits, mx::transpose(w2)), mx::greater(hidden, constant(0)));
  weights = {
      descended(w1, mx::matmul(mx::transpose(images), d_hidden)),
      descended(b1, mx::sum(d_hidden, 0)),
      descended(w2, mx::matmul(mx::transpose(hidden), d_logits)),
      descended(b2, mx::sum(d_logits, 0)),
  };
  return loss;
}

double mlp_step(int count) {
  Arrays weights = data().weights;
  double last = 0;
  for (int i = 0; i < count; i++) {
    const mx::array loss = step(weights);
    Arrays outputs = weights;
    outputs.push_back(loss);
    mx::eval(outputs);
    last = number(loss);
  }
  return last;
}

mx::array matrix(const std::vector<double>& values, int side) {
  std::vector<mx::complex64_t> numbers;
  for (const double value : values) numbers.emplace_back(static_cast<float>(value));
  return mx::array(numbers.begin(), {side, side}, mx::complex64);
}

mx::array rotation(double angle) {
  const double cos = std::cos(angle / 2), sin = std::sin(angle / 2);
  return matrix({cos, -sin, sin, cos}, 2);
}

// The gate on `side` neighbouring amplitudes, from this qubit on.
mx::array applied(const mx::array& state, const mx::array& gate, int qubit, int rest, int side) {
  return mx::reshape(mx::matmul(gate, mx::reshape(state, {1 << qubit, side, 1 << rest})), {-1});
}

double circuit(int qubits, int layers) {
  static const mx::array cnot = matrix({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0}, 4);
  mx::array state = mx::astype(mx::equal(mx::arange(1 << qubits), mx::array(0)), mx::complex64);
  for (int layer = 0; layer < layers; layer++) {
    for (int qubit = 0; qubit < qubits; qubit++) {
      state = applied(state, rotation(0.1 * (qubit + layer + 1)), qubit, qubits - qubit - 1, 2);
    }
    for (int qubit = 0; qubit + 1 < qubits; qubit++) state = applied(state, cnot, qubit, qubits - qubit - 2, 4);
    mx::eval(state);
  }
  const mx::array halves = mx::reshape(mx::square(mx::abs(state)), {2, -1});
  return number(mx::sum(mx::take(halves, 1, 0)));
}

Workload circuits(int qubits, int layers) {
  return [qubits, layers](int count) {
    double probability = 0;
    for (int i = 0; i < count; i++) probability = circuit(qubits, layers);
    return probability;
  };
}

}  // namespace

Workloads programs() {
  return {{"mlp-step", mlp_step}, {"circuit-12", circuits(12, 4)}, {"circuit-20", circuits(20, 1)}};
}

}  // namespace bench_floor
