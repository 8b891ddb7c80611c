import { core as mx } from '../../mlx/index.ts';
import { BatchKVCache } from '../cache/batch-kv-cache.ts';
import type { Caches } from '../cache/cache.ts';
import type { KVCache } from '../cache/kv-cache.ts';
import type { CausalModel } from '../models/model.ts';
import { greedySampler } from './samplers.ts';
import { arraysOf, type LogitsProcessor, type Sampler, type SeenTokens } from './steps.ts';

/** One sequence of a batch. */
export interface Row {
  readonly uid: number;
  readonly sampler: Sampler;
  readonly processors: readonly LogitsProcessor[];
  readonly maxTokens: number;
  readonly stopTokens: ReadonlySet<number>;
  readonly signal: AbortSignal | undefined;
  readonly returnCache: boolean;
  readonly seen: SeenTokens;
  /** How many tokens have been given. */
  count: number;
  /** What its sampler or one of its processors threw. */
  error?: unknown;
}

/** What is being computed: the next token of each row `[B]`, and the logarithms of all probabilities. */
interface Pending {
  readonly tokens: mx.Array;
  readonly logprobs: mx.Array;
  readonly computed: Promise<void>;
}

/** Tokens of one step. */
export interface GroupStep {
  readonly tokens: readonly number[];
  /** `[B, vocabulary]` */
  readonly logprobs: mx.Array;
}

/** Whether sequences with such caches are computed together. */
export const canShare = (caches: Caches): boolean => caches.every(({ kind }) => kind === 'KVCache');

/** Sequences that are computed together. */
export class BatchGroup {
  readonly #model: CausalModel;
  #rows: Row[];
  #caches: Caches;
  #pending: Pending | undefined;

  /** Starts with one sequence: its caches hold all of the prompt but the last token. */
  constructor(model: CausalModel, row: Row, caches: Caches, lastToken: number) {
    this.#model = model;
    this.#rows = [row];
    this.#caches = caches;
    const input = mx.array([lastToken], mx.int32);
    this.#pending = this.#issue(input);
    input.dispose();
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get isShared(): boolean {
    return this.#caches.every(({ kind }) => kind === 'BatchKVCache' || kind === 'KVCache');
  }

  /** Takes the one sequence of another group in, which must not be used any more. */
  absorb(other: BatchGroup): void {
    if (this.#caches.some(({ kind }) => kind === 'KVCache')) {
      this.#caches = this.#caches.map((cache) => {
        const batch = new BatchKVCache();
        batch.add(cache as KVCache);
        return batch;
      });
    }
    this.#caches.forEach((cache, layer) => {
      (cache as BatchKVCache).add(other.#caches[layer] as KVCache);
    });
    this.#rows.push(...other.#rows);
    const [own, added] = [this.#pending as Pending, other.#pending as Pending];
    this.#pending = {
      tokens: mx.concatenate([own.tokens, added.tokens]),
      logprobs: mx.concatenate([own.logprobs, added.logprobs]),
      computed: Promise.all([own.computed, added.computed]).then(() => undefined),
    };
    for (const array of [own.tokens, own.logprobs, added.tokens, added.logprobs]) array.dispose();
  }

  /** The tokens that were being computed. Those after them are already being computed then. */
  async step(): Promise<GroupStep> {
    const { tokens, logprobs, computed } = this.#pending as Pending;
    const isLast = this.#rows.every(({ count, maxTokens }) => count + 1 >= maxTokens);
    this.#pending = isLast ? undefined : this.#issue(tokens);
    try {
      await computed;
      // What was joined or left out meanwhile is a view that is computed here.
      await mx.asyncEval(tokens, logprobs);
      return { tokens: tokens.tolist() as number[], logprobs };
    } finally {
      tokens.dispose();
    }
  }

  /** Leaves only these sequences. */
  filter(keep: readonly number[]): void {
    if (keep.length === this.#rows.length) return;
    this.#rows.forEach((row, index) => {
      if (!keep.includes(index)) row.seen.dispose();
    });
    this.#rows = keep.map((index) => this.#rows[index] as Row);
    if (keep.length === 0) {
      this.#free();
      return;
    }
    for (const cache of this.#caches) (cache as BatchKVCache).filter(keep);
    if (this.#pending === undefined) return;
    const { tokens, logprobs, computed } = this.#pending;
    const indices = mx.array([...keep], mx.int32);
    this.#pending = { tokens: mx.take(tokens, indices, 0), logprobs: mx.take(logprobs, indices, 0), computed };
    for (const array of [tokens, logprobs, indices]) array.dispose();
  }

  /** The caches of one sequence, as single generation goes on with. */
  extract(index: number): Caches {
    if (this.#rows.length > 1 || this.#caches[0]?.kind === 'BatchKVCache') {
      return this.#caches.map((cache) => (cache as BatchKVCache).extract(index));
    }
    const own = this.#caches;
    this.#caches = [];
    return own;
  }

  #free(): void {
    for (const cache of this.#caches) cache.dispose();
    this.#caches = [];
    const pending = this.#pending;
    this.#pending = undefined;
    // A failure of what nobody waits for any more is nobody's.
    pending?.computed.catch(() => undefined);
    pending?.tokens.dispose();
    pending?.logprobs.dispose();
  }

  /** Starts the computation of the tokens after `input`, `[B]`. */
  #issue(input: mx.Array): Pending {
    const contexts = this.#rows.map(({ seen }, index) =>
      seen.add(this.#rows.length === 1 ? input : part(input, index)),
    );
    const [tokens, logprobs] = mx.tidy(() => {
      const all = this.#model.forward(input.reshape(-1, 1), this.#caches).index(new mx.Slice(), -1);
      const logits = this.#processed(all, contexts);
      const normal = logits.subtract(mx.logsumexp(logits, { axis: -1, keepdims: true }));
      return [this.#sampled(normal), normal, ...arraysOf(this.#caches)] as [mx.Array, mx.Array];
    });
    return { tokens, logprobs, computed: mx.asyncEval(tokens, logprobs) };
  }

  #processed(logits: mx.Array, contexts: readonly (mx.Array | undefined)[]): mx.Array {
    if (this.#rows.every(({ processors }) => processors.length === 0)) return logits;
    const scores = this.#rows.map((row, index) => {
      const own = part(logits, index);
      const process = () =>
        row.processors.reduce((changed, processor) => processor(contexts[index] as mx.Array, changed), own);
      return guarded([row], process) ?? own;
    });
    return scores.length === 1 ? (scores[0] as mx.Array) : mx.concatenate(scores);
  }

  /** In one call where all rows have the same sampler. */
  #sampled(logprobs: mx.Array): mx.Array {
    const [{ sampler }] = this.#rows as [Row];
    if (this.#rows.every((row) => row.sampler === sampler)) return drawn(this.#rows, sampler, logprobs);
    return mx.concatenate(this.#rows.map((row, index) => drawn([row], row.sampler, part(logprobs, index))));
  }
}

const part = (array: mx.Array, index: number): mx.Array => array.index(new mx.Slice(index, index + 1));

/** What fails for these sequences must not end the others. */
function guarded(rows: readonly Row[], make: () => mx.Array): mx.Array | undefined {
  try {
    return make();
  } catch (error) {
    for (const row of rows) row.error ??= error;
    return undefined;
  }
}

function drawn(rows: readonly Row[], sampler: Sampler, logprobs: mx.Array): mx.Array {
  return guarded(rows, () => sampler(logprobs)) ?? greedySampler(logprobs);
}
