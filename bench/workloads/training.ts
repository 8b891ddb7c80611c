// Training steps with MLX's own gradients, eager and compiled.
import { core as mx } from '../../mlx/index.ts';

type Weights = Readonly<Record<string, mx.Array>>;
type Loss = (weights: Weights) => mx.Array;

mx.random.seed(11);
const RATE = 0.01;
const [BATCH, LENGTH, WIDTH, HEADS] = [4, 64, 128, 4] as const;

const images = mx.random.normal([64, 784]);
const labels = mx.random.randint(0, 10, [64, 1]);
const mlp: Weights = {
  w1: mx.multiply(mx.random.normal([784, 256]), 0.05),
  b1: mx.zeros([256]),
  w2: mx.multiply(mx.random.normal([256, 10]), 0.05),
  b2: mx.zeros([10]),
};

function mlpLoss({ w1, b1, w2, b2 }: Weights): mx.Array {
  const hidden = mx.maximum(mx.add(mx.matmul(images, w1 as mx.Array), b1 as mx.Array), 0);
  const logits = mx.add(mx.matmul(hidden, w2 as mx.Array), b2 as mx.Array);
  const chosen = mx.takeAlongAxis(logits, labels, 1);
  return mx.mean(mx.subtract(mx.logsumexp(logits, 1, true), chosen));
}

const sequence = mx.random.normal([BATCH, LENGTH, WIDTH]);
const matrix = (rows: number, columns: number) => mx.multiply(mx.random.normal([rows, columns]), 0.05);
const block: Weights = {
  down: matrix(4 * WIDTH, WIDTH),
  key: matrix(WIDTH, WIDTH),
  out: matrix(WIDTH, WIDTH),
  query: matrix(WIDTH, WIDTH),
  up: matrix(WIDTH, 4 * WIDTH),
  value: matrix(WIDTH, WIDTH),
};

function heads(x: mx.Array): mx.Array {
  return mx.transpose(mx.reshape(x, [BATCH, LENGTH, HEADS, WIDTH / HEADS]), [0, 2, 1, 3]);
}

function gelu(x: mx.Array): mx.Array {
  return mx.divide(mx.multiply(x, mx.add(1, mx.erf(mx.divide(x, Math.SQRT2)))), 2);
}

function normalized(x: mx.Array): mx.Array {
  const centred = mx.subtract(x, mx.mean(x, -1, true));
  return mx.multiply(centred, mx.rsqrt(mx.add(mx.mean(mx.square(centred), -1, true), 1e-5)));
}

/** Attention and a feed-forward network, each behind a normalisation and beside its input. */
function blockLoss({ down, key, out, query, up, value }: Weights): mx.Array {
  const x = normalized(sequence);
  const [q, k, v] = [query, key, value].map((weight) => heads(mx.matmul(x, weight as mx.Array)));
  const scores = mx.multiply(
    mx.matmul(q as mx.Array, mx.transpose(k as mx.Array, [0, 1, 3, 2])),
    1 / Math.sqrt(WIDTH / HEADS),
  );
  const attended = mx.transpose(mx.matmul(mx.softmax(scores, -1), v as mx.Array), [0, 2, 1, 3]);
  const merged = mx.matmul(mx.reshape(attended, [BATCH, LENGTH, WIDTH]), out as mx.Array);
  const middle = mx.add(sequence, merged);
  const inner = gelu(mx.matmul(normalized(middle), up as mx.Array));
  return mx.mean(mx.square(mx.add(middle, mx.matmul(inner, down as mx.Array))));
}

mx.eval(images, labels, mlp, sequence, block);

/** The loss after so many steps of gradient descent from the same start. */
function trainer(loss: Loss, initial: Weights, compiled: boolean): (count: number) => number {
  const gradient = mx.valueAndGrad(loss);
  const plain = (weights: Weights): [mx.Array, Weights] => {
    const [value, gradients] = gradient(weights);
    const next = Object.entries(weights).map(([name, weight]) => [
      name,
      mx.subtract(weight, mx.multiply(gradients[name] as mx.Array, RATE)),
    ]);
    return [value, Object.fromEntries(next)];
  };
  const step = compiled ? mx.compile(plain) : plain;
  return (count) => {
    let weights = initial;
    let last = 0;
    for (let i = 0; i < count; i++) {
      const [value, next] = step(weights);
      mx.eval(value, next);
      weights = next;
      last = value.item() as number;
    }
    return last;
  };
}

export const training = {
  'mlp-grad': trainer(mlpLoss, mlp, false),
  'mlp-grad-compiled': trainer(mlpLoss, mlp, true),
  'transformer-grad': trainer(blockLoss, block, false),
  'transformer-grad-compiled': trainer(blockLoss, block, true),
};
