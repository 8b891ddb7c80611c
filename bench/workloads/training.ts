// Training steps with MLX's own gradients, eager and compiled.
import { core as mx } from '../../mlx/index.ts';
import { type Loss, transformerBlock, type Weights } from './transformer.ts';

mx.random.seed(11);
const RATE = 0.01;

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

const block = transformerBlock({ batch: 4, length: 64, width: 128, heads: 4 });

mx.eval(images, labels, mlp);

/** The loss after so many steps of gradient descent from the same start. */
export function trainer(loss: Loss, initial: Weights, compiled: boolean): (count: number) => number {
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
  'transformer-grad': trainer(block.loss, block.weights, false),
  'transformer-grad-compiled': trainer(block.loss, block.weights, true),
};
