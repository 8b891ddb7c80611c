import { core as mx } from '../../mlx/index.ts';
import { type Digits, PIXELS } from './dataset.ts';
import { combine, initialize, type Parameters, predict } from './network.ts';
import type { Step } from './steps.ts';

export const HIDDEN = 128;
export const BATCH = 64;

/** What one pass over the training set came to. */
export interface Epoch {
  /** The mean over the batches. */
  readonly loss: number;
  /** On the test set, 0 to 1. */
  readonly accuracy: number;
}

export interface TrainingOptions {
  readonly epochs: number;
  readonly step: Step;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: Epoch, index: number) => void;
}

/** Trains from random weights. Draws from MLX's global keys, so `mx.random.seed` fixes the outcome. */
export function train(train: Digits, test: Digits, { epochs, step, onEpoch }: TrainingOptions) {
  const inputs = flat(train.images);
  const weights = initialize(PIXELS, HIDDEN);
  let state = { parameters: weights, velocity: combine((name) => mx.zerosLike(weights[name])) };
  const history: Epoch[] = [];
  for (let index = 0; index < epochs; index++) {
    const losses: mx.Array[] = [];
    for (const batch of shuffled(train.labels.length)) {
      const { loss, ...next } = step(state, mx.take(inputs, batch, 0), mx.take(train.labels, batch, 0));
      // Without this the graph would grow over all the steps.
      mx.eval(next, loss);
      state = next;
      losses.push(loss);
    }
    const epoch = { loss: Number(mx.stack(losses).mean().item()), accuracy: accuracy(state.parameters, test) };
    history.push(epoch);
    onEpoch?.(epoch, index);
  }
  return { parameters: state.parameters, history };
}

/** The share of digits that are read rightly, 0 to 1. */
function accuracy(parameters: Parameters, { images, labels }: Digits): number {
  return Number(predict(parameters, flat(images)).equal(labels).mean().item());
}

/** Images (n, 8, 8) as rows of 64 pixels. */
export function flat(images: mx.Array): mx.Array {
  return images.reshape([-1, PIXELS]);
}

/** The numbers below `count` in random order, a batch at a time. */
function shuffled(count: number): mx.Array[] {
  const order = mx.random.permutation(count);
  const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => i * BATCH);
  return starts.map((start) => order.index(mx.Slice(start, start + BATCH)));
}
