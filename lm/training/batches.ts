import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { checkCount } from '../generation/checks.ts';
import type { NumpyRandom } from './random.ts';

/** The tokens of one example. */
export interface Example {
  readonly tokens: ArrayLike<number>;
  /** How many of the first tokens are a prompt, which is not learned. */
  readonly offset: number;
}

export interface Batch {
  /** Token indices `[B, L]` of int32, with zeros behind. */
  readonly tokens: mx.Array;
  /** `[B, 2]` of int32: where what is learned begins and ends. */
  readonly lengths: mx.Array;
  /** The length of the longest example, as it is in the data. */
  readonly longest: number;
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly maxSeqLength: number;
}

/** Batches have lengths of one more than a multiple of this. */
const PADDING = 32;

/**
 * The batches of a data set: examples of like lengths together, padded to one more than a multiple of 32, and cut at
 * `maxSeqLength`. The order of the batches is drawn anew for each pass, as mlx_lm draws it. What is left over when the
 * examples are divided by the size of a batch, the longest ones, is not used.
 */
export class Batches {
  readonly #groups: readonly (readonly Example[])[];
  readonly #maxLength: number;
  readonly #random: NumpyRandom;
  /** The order of this pass, and how many of it are done. */
  order: readonly number[] = [];
  done = 0;

  /** @throws ArgumentError where there are fewer examples than a batch has */
  constructor(examples: readonly Example[], { batchSize, maxSeqLength }: BatchOptions, random: NumpyRandom) {
    const operation = 'lm.train';
    checkCount('batchSize', batchSize, 1, operation);
    checkCount('maxSeqLength', maxSeqLength, 2, operation);
    if (examples.length < batchSize) {
      throw new ArgumentError(
        `expected at least as many examples as a batch has, ${batchSize}, received ${examples.length}; ` +
          'give more examples or a smaller batch size',
        { operation },
      );
    }
    const sorted = [...examples].sort((a, b) => a.tokens.length - b.tokens.length);
    const count = Math.floor(sorted.length / batchSize);
    this.#groups = Array.from({ length: count }, (_, i) => sorted.slice(i * batchSize, (i + 1) * batchSize));
    this.#maxLength = maxSeqLength;
    this.#random = random;
  }

  /** How many batches one pass has. */
  get count(): number {
    return this.#groups.length;
  }

  next(): Batch {
    if (this.done === this.order.length) {
      this.order = this.#random.permutation(this.count);
      this.done = 0;
    }
    const group = this.#groups[this.order[this.done++] as number] as readonly Example[];
    const longest = Math.max(...group.map(({ tokens }) => tokens.length));
    const width = Math.min(1 + PADDING * Math.ceil(longest / PADDING), this.#maxLength);
    const table = new Int32Array(group.length * width);
    const lengths = new Int32Array(group.length * 2);
    group.forEach(({ tokens, offset }, row) => {
      const length = Math.min(tokens.length, this.#maxLength);
      for (let i = 0; i < length; i++) table[row * width + i] = tokens[i] as number;
      lengths.set([offset, length], row * 2);
    });
    return {
      tokens: mx.array(table).reshape(group.length, width),
      lengths: mx.array(lengths).reshape(group.length, 2),
      longest,
    };
  }
}
