import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import type { Digits } from './dataset.ts';
import { DigitNet } from './network.ts';

export const BATCH = 32;
const PEAK_RATE = 0.01;

/** What one pass over the training set came to. */
export interface Epoch {
  /** The mean over the batches. */
  readonly loss: number;
  /** On the test set, 0 to 1. */
  readonly accuracy: number;
}

/** What training changes. Together with `mx.random.state` it is all that a checkpoint has to hold. */
export interface Training {
  readonly model: DigitNet;
  readonly optimizer: optimizers.AdamW;
  /** The epochs so far. */
  readonly history: Epoch[];
}

/** A network with random weights, to be trained with `count` images for so many epochs. */
export function prepare(epochs: number, count: number): Training {
  const model = new DigitNet();
  const optimizer = new optimizers.AdamW(learningRate(epochs * Math.floor(count / BATCH)));
  optimizer.init(model.trainableParameters());
  return { model, optimizer, history: [] };
}

/** A straight line up for a tenth of the steps, then half a cosine wave down to 0. */
function learningRate(steps: number): optimizers.Schedule {
  const warmUp = Math.ceil(steps / 10);
  const parts = [optimizers.linearSchedule(0, PEAK_RATE, warmUp), optimizers.cosineDecay(PEAK_RATE, steps - warmUp)];
  return optimizers.joinSchedules(parts, [warmUp]);
}

/** One compiled step: it changes the network and the optimizer's state, and gives the loss before it. */
function createStep({ model, optimizer }: Training) {
  const lossAndGradients = nn.valueAndGrad(model, (images: mx.Array, labels: mx.Array) =>
    nn.losses.crossEntropy(model.forward(images), labels, { reduction: 'mean' }),
  );
  const state = [model.state, optimizer.state, mx.random.state];
  const step = mx.compile(
    (images: mx.Array, labels: mx.Array) => {
      const [loss, gradients] = lossAndGradients(images, labels);
      optimizer.update(model, gradients);
      return loss;
    },
    { inputs: state, outputs: state },
  );
  return (images: mx.Array, labels: mx.Array) => {
    const loss = step(images, labels);
    mx.eval(loss, state);
    return loss;
  };
}

export interface TrainOptions {
  /** The number of epochs to be reached, those before included. */
  readonly until: number;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: Epoch) => void;
}

/** Trains on from where it is, and leaves the network in evaluation mode. */
export function train(training: Training, parts: { train: Digits; test: Digits }, { until, onEpoch }: TrainOptions) {
  const { model, history } = training;
  const { images, labels } = parts.train;
  const step = createStep(training);
  while (history.length < until) {
    model.train();
    const losses = shuffled(labels.length).map((batch) => step(mx.take(images, batch, 0), mx.take(labels, batch, 0)));
    model.eval();
    const epoch = { loss: mx.mean(mx.stack(losses)).item() as number, accuracy: accuracy(model, parts.test) };
    history.push(epoch);
    onEpoch?.(epoch);
  }
  model.eval();
}

/** The share of digits that are read rightly, 0 to 1. */
function accuracy(model: DigitNet, { images, labels }: Digits): number {
  return mx.mean(mx.equal(mx.argmax(model.forward(images), -1), labels)).item() as number;
}

/**
 * The numbers below `count` in random order, a batch at a time. What is left over is left out: a batch of another size
 * would be compiled once more.
 */
function shuffled(count: number): mx.Array[] {
  const order = mx.random.permutation(count);
  const starts = Array.from({ length: Math.floor(count / BATCH) }, (_, i) => i * BATCH);
  return starts.map((start) => order.index(mx.Slice(start, start + BATCH)));
}
