import { core as mx } from '../../mlx/index.ts';
import { type Digits, PIXELS } from './dataset.ts';
import { combine, initialize, lossAndGradients, type Parameters, predict } from './network.ts';

export const HIDDEN = 128;
const BATCH = 64;
const LEARNING_RATE = 0.05;
const MOMENTUM = 0.9;

/** What one pass over the training set came to. */
export interface Epoch {
  readonly loss: number;
  readonly accuracy: number;
}

export interface TrainingOptions {
  readonly epochs: number;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: Epoch, index: number) => void;
}

/** Trains from random weights. Draws from MLX's global keys, so `mx.random.seed` fixes the outcome. */
export function train(train: Digits, test: Digits, { epochs, onEpoch }: TrainingOptions) {
  const inputs = flat(train.images);
  let parameters = initialize(PIXELS, HIDDEN);
  let velocity = combine((name) => mx.zerosLike(parameters[name]));
  const history: Epoch[] = [];
  for (let index = 0; index < epochs; index++) {
    const losses: mx.Array[] = [];
    for (const batch of shuffled(train.labels.length)) {
      const { loss, gradients } = lossAndGradients(
        parameters,
        mx.take(inputs, batch, 0),
        mx.take(train.labels, batch, 0),
      );
      const before = velocity;
      velocity = combine((name) => before[name].multiply(MOMENTUM).subtract(gradients[name].multiply(LEARNING_RATE)));
      const old = parameters;
      parameters = combine((name) => old[name].add(velocity[name]));
      losses.push(loss);
      // Without this the graph would grow over all the steps.
      mx.eval(parameters, velocity);
    }
    const epoch = { loss: Number(mx.stack(losses).mean().item()), accuracy: accuracy(parameters, test) };
    history.push(epoch);
    onEpoch?.(epoch, index);
  }
  return { parameters, history };
}

/** The share of digits that are read rightly, 0 to 1. */
export function accuracy(parameters: Parameters, { images, labels }: Digits): number {
  return Number(predict(parameters, flat(images)).equal(labels).mean().item());
}

/** Images (n, 8, 8) as rows of 64 pixels. */
export function flat(images: mx.Array): mx.Array {
  return images.reshape([-1, PIXELS]);
}

function shuffled(count: number): mx.Array[] {
  const order = mx.random.permutation(count);
  const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => i * BATCH);
  return starts.map((start) => order.index(mx.Slice(start, Math.min(start + BATCH, count))));
}
