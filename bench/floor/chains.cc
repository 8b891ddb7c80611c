// What programs do again and again: attention, a step of an optimizer, a step of k-means.

#include <cmath>
#include <vector>

#include "workloads.h"

namespace bench_floor {

namespace {

constexpr int BATCH = 4;
constexpr int LENGTH = 128;
constexpr int WIDTH = 256;
constexpr int HEADS = 8;
constexpr int PARAMETERS = 200;
constexpr int SIDE = 32;
constexpr int POINTS = 4096;
constexpr int CENTRES = 16;
constexpr int FEATURES = 8;

using Arrays = std::vector<mx::array>;

struct Attention {
  mx::array x = mx::array(0);
  // Of queries, keys, values and outputs, each with its bias.
  Arrays weights;
  Arrays biases;

  Attention() {
    mx::random::seed(29);
    x = mx::random::normal({BATCH, LENGTH, WIDTH});
    for (int i = 0; i < 4; i++) {
      weights.push_back(mx::multiply(mx::random::normal({WIDTH, WIDTH}), constant(0.05)));
      biases.push_back(mx::random::normal({WIDTH}));
    }
    mx::eval(x);
    mx::eval(weights);
    mx::eval(biases);
  }

  mx::array projected(const mx::array& input, int which) const {
    return mx::add(mx::matmul(input, weights[which]), biases[which]);
  }

  mx::array head(int which) const {
    return mx::transpose(mx::reshape(projected(x, which), {BATCH, LENGTH, HEADS, -1}), {0, 2, 1, 3});
  }
};

double attention_block(int count) {
  static const Attention given;
  mx::array last = given.x;
  for (int i = 0; i < count; i++) {
    const mx::array attended = mx::fast::scaled_dot_product_attention(given.head(0), given.head(1), given.head(2),
                                                                      static_cast<float>(1 / std::sqrt(WIDTH / HEADS)));
    const mx::array merged = mx::reshape(mx::transpose(attended, {0, 2, 1, 3}), {BATCH, LENGTH, -1});
    last = mx::add(given.x, given.projected(merged, 3));
    mx::eval(last);
  }
  return number(mx::sum(mx::abs(last)));
}

struct Parameters {
  Arrays initial;
  Arrays gradients;

  Parameters() {
    mx::random::seed(31);
    for (int i = 0; i < PARAMETERS; i++) initial.push_back(mx::random::normal({SIDE, SIDE}));
    for (int i = 0; i < PARAMETERS; i++) gradients.push_back(mx::random::normal({SIDE, SIDE}));
    mx::eval(initial);
    mx::eval(gradients);
  }
};

double adam(int count) {
  static const Parameters given;
  const double first = 0.9, second = 0.999;
  Arrays weights = given.initial;
  Arrays m(PARAMETERS, mx::zeros({SIDE, SIDE})), v(PARAMETERS, mx::zeros({SIDE, SIDE}));
  const mx::array rate = constant(1e-3);
  for (int i = 0; i < count; i++) {
    for (int k = 0; k < PARAMETERS; k++) {
      const mx::array& gradient = given.gradients[k];
      m[k] = mx::add(mx::multiply(constant(first), m[k]), mx::multiply(constant(1 - first), gradient));
      v[k] = mx::add(mx::multiply(constant(second), v[k]), mx::multiply(constant(1 - second), mx::square(gradient)));
      const mx::array change = mx::divide(mx::multiply(rate, m[k]), mx::add(mx::sqrt(v[k]), constant(1e-8)));
      weights[k] = mx::subtract(weights[k], change);
    }
    Arrays all = weights;
    all.insert(all.end(), m.begin(), m.end());
    all.insert(all.end(), v.begin(), v.end());
    mx::eval(all);
  }
  return number(mx::sum(mx::abs(weights.back())));
}

struct Points {
  mx::array points;
  mx::array centres;

  Points() : points(mx::array(0)), centres(mx::array(0)) {
    mx::random::seed(37);
    points = mx::random::normal({POINTS, FEATURES});
    centres = mx::random::normal({CENTRES, FEATURES});
    mx::eval(points, centres);
  }
};

double k_means(int count) {
  static const Points given;
  mx::array centres = given.centres;
  for (int i = 0; i < count; i++) {
    const mx::array apart = mx::subtract(mx::expand_dims(given.points, 1), mx::expand_dims(centres, 0));
    const mx::array nearest = mx::argmin(mx::sum(mx::square(apart), -1), 1);
    const mx::array own = mx::astype(mx::equal(mx::expand_dims(nearest, 1), mx::arange(CENTRES)), mx::float32);
    const mx::array sizes = mx::maximum(mx::sum(own, 0), constant(1));
    centres = mx::divide(mx::matmul(mx::transpose(own), given.points), mx::expand_dims(sizes, 1));
    mx::eval(centres);
  }
  return number(mx::sum(mx::abs(centres)));
}

}  // namespace

Workloads chains() { return {{"attention-block", attention_block}, {"adam-200", adam}, {"k-means", k_means}}; }

}  // namespace bench_floor
