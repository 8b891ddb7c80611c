// Training steps with MLX's own gradients, eager and compiled.

#include <cmath>
#include <utility>
#include <vector>

#include "workloads.h"

namespace bench_floor {

namespace {

constexpr int BATCH = 4;
constexpr int LENGTH = 64;
constexpr int WIDTH = 128;
constexpr int HEADS = 4;
const double RATE = 0.01;

using Arrays = std::vector<mx::array>;
using Loss = std::function<mx::array(const Arrays&)>;

struct Data {
  mx::array images;
  mx::array labels;
  mx::array sequence;
  Arrays mlp;
  // down, key, out, query, up, value.
  Arrays block;
};

mx::array drawn(mx::Shape shape) { return mx::multiply(mx::random::normal(shape), constant(0.05)); }

const Data& data() {
  static const Data made = [] {
    mx::random::seed(11);
    const mx::array images = mx::random::normal({64, 784});
    const mx::array labels = mx::random::randint(0, 10, {64, 1});
    const mx::array w1 = drawn({784, 256});
    const mx::array w2 = drawn({256, 10});
    const Arrays mlp = {w1, mx::zeros({256}), w2, mx::zeros({10})};
    const mx::array sequence = mx::random::normal({BATCH, LENGTH, WIDTH});
    Arrays block;
    for (const auto& [rows, columns] : std::vector<std::pair<int, int>>{
             {4 * WIDTH, WIDTH}, {WIDTH, WIDTH}, {WIDTH, WIDTH}, {WIDTH, WIDTH}, {WIDTH, 4 * WIDTH}, {WIDTH, WIDTH}}) {
      block.push_back(drawn({rows, columns}));
    }
    mx::eval(images, labels, sequence);
    mx::eval(mlp);
    mx::eval(block);
    return Data{images, labels, sequence, mlp, block};
  }();
  return made;
}

mx::array mlp_loss(const Arrays& weights) {
  const mx::array hidden = mx::maximum(mx::add(mx::matmul(data().images, weights[0]), weights[1]), constant(0));
  const mx::array logits = mx::add(mx::matmul(hidden, weights[2]), weights[3]);
  const mx::array chosen = mx::take_along_axis(logits, data().labels, 1);
  return mx::mean(mx::subtract(mx::logsumexp(logits, 1, true), chosen));
}

mx::array gelu(const mx::array& x) {
  const mx::array inner = mx::erf(mx::divide(x, constant(std::sqrt(2.0))));
  return mx::divide(mx::multiply(x, mx::add(constant(1), inner)), constant(2));
}

mx::array normalized(const mx::array& x) {
  const mx::array centred = mx::subtract(x, mx::mean(x, -1, true));
  const mx::array variance = mx::mean(mx::square(centred), -1, true);
  return mx::multiply(centred, mx::rsqrt(mx::add(variance, constant(1e-5))));
}

mx::array split(const mx::array& x) {
  return mx::transpose(mx::reshape(x, {BATCH, LENGTH, HEADS, WIDTH / HEADS}), {0, 2, 1, 3});
}

mx::array block_loss(const Arrays& weights) {
  const mx::array &down = weights[0], &key = weights[1], &out = weights[2];
  const mx::array &query = weights[3], &up = weights[4], &value = weights[5];
  const mx::array& sequence = data().sequence;
  const mx::array x = normalized(sequence);
  const mx::array q = split(mx::matmul(x, query)), k = split(mx::matmul(x, key)), v = split(mx::matmul(x, value));
  const mx::array scores = mx::multiply(mx::matmul(q, mx::transpose(k, {0, 1, 3, 2})),
                                        constant(1 / std::sqrt(static_cast<double>(WIDTH) / HEADS)));
  const mx::array attended = mx::transpose(mx::matmul(mx::softmax(scores, -1), v), {0, 2, 1, 3});
  const mx::array middle = mx::add(sequence, mx::matmul(mx::reshape(attended, {BATCH, LENGTH, WIDTH}), out));
  const mx::array inner = gelu(mx::matmul(normalized(middle), up));
  return mx::mean(mx::square(mx::add(middle, mx::matmul(inner, down))));
}

// The loss after so many steps of gradient descent from the same start.
Workload trainer(Loss loss, Arrays Data::* initial, bool compiled) {
  const auto step = [loss](const Arrays& weights) {
    std::vector<int> places;
    for (int i = 0; i < static_cast<int>(weights.size()); i++) places.push_back(i);
    auto [value, gradients] = mx::value_and_grad(loss, places)(weights);
    Arrays outputs = {value};
    for (size_t i = 0; i < weights.size(); i++) {
      outputs.push_back(mx::subtract(weights[i], mx::multiply(gradients[i], constant(RATE))));
    }
    return outputs;
  };
  const std::function<Arrays(const Arrays&)> plain = step;
  const auto run = compiled ? mx::compile(plain) : plain;
  return [run, initial](int count) {
    Arrays weights = data().*initial;
    double last = 0;
    for (int i = 0; i < count; i++) {
      Arrays outputs = run(weights);
      mx::eval(outputs);
      last = number(outputs[0]);
      weights.assign(outputs.begin() + 1, outputs.end());
    }
    return last;
  };
}

}  // namespace

Workloads training() {
  return {
      {"mlp-grad", trainer(mlp_loss, &Data::mlp, false)},
      {"mlp-grad-compiled", trainer(mlp_loss, &Data::mlp, true)},
      {"transformer-grad", trainer(block_loss, &Data::block, false)},
      {"transformer-grad-compiled", trainer(block_loss, &Data::block, true)},
  };
}

}  // namespace bench_floor
