import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { checkCount } from '../generation/checks.ts';
import type { CausalModel } from '../models/model.ts';
import type { Example } from './batches.ts';
import { NumpyRandom } from './random.ts';

export interface PerplexityOptions {
  /** How many pieces are computed at a time. Default: 8. */
  readonly batchSize?: number | undefined;
  /** How many tokens a piece has. Default: 512. */
  readonly sequenceLength?: number | undefined;
  /** How many pieces; -1: as many as there are. Default: 256. */
  readonly samples?: number | undefined;
  /** Of the order of the examples. Default: 123. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBatch?: ((done: number, total: number) => void) | undefined;
}

export interface Perplexity {
  readonly perplexity: number;
  /** Its standard error. */
  readonly standardError: number;
  /** How many tokens were predicted. */
  readonly tokens: number;
}

/** The examples in a random order, behind each other, cut into pieces of one length. */
function piecesOf(examples: readonly Example[], length: number, samples: number, seed: number): Int32Array[] {
  const wanted = samples === -1 ? Number.POSITIVE_INFINITY : samples * length;
  const all: number[] = [];
  for (const index of new NumpyRandom(seed).permutation(examples.length)) {
    if (all.length >= wanted) break;
    for (const token of Array.from((examples[index] as Example).tokens)) all.push(token);
  }
  const count = Math.min(Math.floor(all.length / length), samples === -1 ? Number.POSITIVE_INFINITY : samples);
  if (count === 0) {
    throw new ArgumentError(
      `expected at least ${length} tokens in all, as one piece has, received ${all.length}; give a smaller "sequenceLength"`,
      { operation: 'lm.perplexity' },
    );
  }
  return Array.from({ length: count }, (_, i) => Int32Array.from(all.slice(i * length, (i + 1) * length)));
}

/**
 * The perplexity of a model on a text: the exponential of its mean loss for each token, as `mlx_lm.perplexity` measures it,
 * but that fewer tokens than asked for are enough.
 * @throws ArgumentError for fewer tokens than one piece has
 */
export async function perplexity(
  model: CausalModel,
  examples: readonly Example[],
  options: PerplexityOptions = {},
): Promise<Perplexity> {
  const { batchSize = 8, sequenceLength = 512, samples = 256, seed = 123, signal, onBatch } = options;
  const operation = 'lm.perplexity';
  checkCount('batchSize', batchSize, 1, operation);
  checkCount('sequenceLength', sequenceLength, 2, operation);
  if (samples !== -1) checkCount('samples', samples, 1, operation);
  const pieces = piecesOf(examples, sequenceLength, samples, seed);
  const batches = Math.ceil(pieces.length / batchSize);
  let [count, sum, squares] = [0, 0, 0];
  for (let done = 0; done < batches; done++) {
    signal?.throwIfAborted();
    const part = pieces.slice(done * batchSize, (done + 1) * batchSize);
    const losses = mx.tidy(() => {
      const tokens = mx.stack(part.map((piece) => mx.array(piece)));
      const logits = model.forward(tokens.index(new mx.Slice(), new mx.Slice(null, -1))).astype(mx.float32);
      return nn.losses.crossEntropy(logits, tokens.index(new mx.Slice(), new mx.Slice(1)), { reduction: 'none' });
    });
    await mx.asyncEval(losses);
    for (const loss of losses.toTypedArray() as Float32Array) {
      count++;
      sum += loss;
      squares += loss * loss;
    }
    losses.dispose();
    mx.clearCache();
    onBatch?.(done + 1, batches);
  }
  const mean = sum / count;
  const variance = Math.max(0, (squares - sum * mean) / Math.max(1, count - 1));
  const value = Math.exp(mean);
  return { perplexity: value, standardError: value * Math.sqrt(variance / count), tokens: count };
}
