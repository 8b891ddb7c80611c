import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { CLASSES, type Digits, PIXELS } from '../digits/dataset.ts';

/** Of all processes together. */
export const BATCH = 64;
const HIDDEN = 64;

class Network extends nn.Module {
  hidden = new nn.Linear(PIXELS, HIDDEN);
  output = new nn.Linear(HIDDEN, CLASSES);

  /** The scores (n, classes) of images (n, 8, 8). */
  override forward(images: mx.Array): mx.Array {
    return this.output.forward(nn.relu(this.hidden.forward(images.flatten(1))));
  }
}

export interface Plan {
  readonly epochs: number;
  readonly seed: number;
}

/** Which part of every batch is this process's, and how its gradients become those of the whole batch. */
export interface Part {
  readonly rank: number;
  readonly size: number;
  average<Gradients>(gradients: Gradients): Gradients;
}

/** The whole batch. */
export const ALONE: Part = { rank: 0, size: 1, average: (gradients) => gradients };

/** One part for each process of the group. */
export function partOf(group: mx.distributed.Group): Part {
  const average = <Gradients>(gradients: Gradients) => nn.averageGradients(gradients, group);
  return { rank: group.rank(), size: group.size(), average };
}

/**
 * Trains a network from the weights and with the batches that follow from the seed. The loss is a mean, and all parts are of one
 * size: the mean of the parts' gradients is the gradient of the batch.
 */
export function train({ images, labels }: Digits, { epochs, seed }: Plan, { rank, size, average }: Part): Network {
  mx.random.seed(seed);
  const model = new Network();
  const optimizer = new optimizers.SGD(0.1, { momentum: 0.9 });
  const lossAndGradients = nn.valueAndGrad(model, (x: mx.Array, y: mx.Array) =>
    nn.losses.crossEntropy(model.forward(x), y, { reduction: 'mean' }),
  );
  const share = BATCH / size;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = mx.random.permutation(labels.length);
    // What is left over at the end is nobody's.
    for (let batch = 0; batch + BATCH <= labels.length; batch += BATCH) {
      const start = batch + rank * share;
      const mine = order.index(mx.Slice(start, start + share));
      const [, gradients] = lossAndGradients(mx.take(images, mine, 0), mx.take(labels, mine, 0));
      optimizer.update(model, average(gradients));
      mx.eval(model.parameters(), optimizer.state);
    }
  }
  return model;
}

/** The share of digits that are read rightly, 0 to 1. */
export function accuracy(model: Network, { images, labels }: Digits): number {
  return mx.mean(mx.equal(mx.argmax(model.forward(images), -1), labels)).item() as number;
}
