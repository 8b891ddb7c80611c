import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { CausalModel } from '../models/model.ts';
import { Batches, type BatchOptions, type Example } from './batches.ts';
import { NumpyRandom } from './random.ts';

/** A model, tokens `[B, L]` and lengths `[B, 2]` → the mean loss, a scalar, and of how many tokens it is. */
export type Loss = (model: CausalModel, tokens: mx.Array, lengths: mx.Array) => [loss: mx.Array, tokens: mx.Array];

/** The mean cross entropy of the tokens between the two lengths of each row, given those before. */
export const defaultLoss: Loss = (model, tokens, lengths) => {
  const inputs = tokens.index(new mx.Slice(), new mx.Slice(null, -1));
  const targets = tokens.index(new mx.Slice(), new mx.Slice(1));
  const logits = model.forward(inputs);
  const steps = mx.arange(1, (targets.shape[1] as number) + 1);
  const begin = lengths.index(new mx.Slice(), new mx.Slice(0, 1));
  const end = lengths.index(new mx.Slice(), new mx.Slice(1));
  const mask = steps.greaterEqual(begin).logicalAnd(steps.lessEqual(end));
  const count = mask.sum();
  const losses = nn.losses.crossEntropy(logits, targets).multiply(mask);
  return [losses.astype(mx.float32).sum().divide(count), count];
};

export interface EvaluateOptions extends Partial<BatchOptions> {
  /** How many batches; -1: all. Default: all. */
  readonly batches?: number | undefined;
  readonly loss?: Loss | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch. */
  readonly onBatch?: ((done: number, total: number) => void) | undefined;
  /** What draws the order of the batches. */
  readonly random?: NumpyRandom | undefined;
}

/**
 * The mean loss for each token of a data set. Its exponential is the perplexity.
 * @throws ArgumentError where there are fewer examples than a batch has
 */
export async function evaluate(
  model: CausalModel,
  examples: readonly Example[],
  options: EvaluateOptions = {},
): Promise<number> {
  const { batchSize = 4, maxSeqLength = 2048, batches: limit = -1, loss = defaultLoss, signal, onBatch } = options;
  if (!Number.isSafeInteger(limit) || limit < -1 || limit === 0) {
    throw new ArgumentError(`expected a whole number of at least 1, or -1 for all, for "batches", received ${limit}`, {
      operation: 'lm.evaluate',
    });
  }
  const batches = new Batches(examples, { batchSize, maxSeqLength }, options.random ?? new NumpyRandom(0));
  const total = limit === -1 ? batches.count : Math.min(limit, batches.count);
  const wasTraining = model.training;
  model.eval();
  try {
    let sum = 0;
    let count = 0;
    for (let done = 1; done <= total; done++) {
      signal?.throwIfAborted();
      const { tokens, lengths } = batches.next();
      const [mean, used] = mx.tidy(() => loss(model, tokens, lengths));
      await mx.asyncEval(mean, used);
      const weight = Number(used.item());
      if (weight > 0) sum += Number(mean.item()) * weight;
      count += weight;
      for (const array of [tokens, lengths, mean, used]) array.dispose();
      onBatch?.(done, total);
    }
    return sum / count;
  } finally {
    model.train(wasTraining);
  }
}
