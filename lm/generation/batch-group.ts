import { core as mx } from '../../mlx/index.ts';
import { BatchKVCache } from '../cache/batch-kv-cache.ts';
import type { Caches } from '../cache/cache.ts';
import type { KVCache } from '../cache/kv-cache.ts';
import type { CausalModel } from '../models/model.ts';
import { copiedPending, freePending, joinedPending, type Pending, somePending } from './batch-pending.ts';
import { processRows, type Row, sampleRows } from './batch-row.ts';
import { arraysOf } from './steps.ts';

/** Tokens of one step. */
export interface GroupStep {
  readonly tokens: readonly number[];
  /** The logarithm of each token's probability. */
  readonly chosen: readonly number[];
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

  private constructor(model: CausalModel, rows: readonly Row[], caches: Caches, pending?: Pending) {
    this.#model = model;
    this.#rows = [...rows];
    this.#caches = caches;
    this.#pending = pending;
  }

  /** Starts with these sequences: the caches hold all of each prompt but its last token. */
  static of(model: CausalModel, rows: readonly Row[], caches: Caches, lastTokens: readonly number[]): BatchGroup {
    const group = new BatchGroup(model, rows, caches);
    const input = mx.array([...lastTokens], mx.int32);
    group.#pending = group.#issue(input);
    input.dispose();
    return group;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get isShared(): boolean {
    return this.#isBatch || canShare(this.#caches);
  }

  get #isBatch(): boolean {
    return this.#caches[0]?.kind === 'BatchKVCache';
  }

  /** Takes the sequences of another group in, which must not be used any more. */
  absorb(other: BatchGroup): void {
    if (!this.#isBatch) {
      this.#caches = this.#caches.map((cache) => {
        const batch = new BatchKVCache();
        batch.add(cache as KVCache);
        return batch;
      });
    }
    this.#caches.forEach((cache, layer) => {
      (cache as BatchKVCache).add(other.#caches[layer] as KVCache | BatchKVCache);
    });
    this.#rows.push(...other.#rows);
    this.#pending = joinedPending(this.#pending as Pending, other.#pending as Pending);
  }

  /** Takes one sequence out, which goes on as a group of its own, with what is being computed for it. */
  split(index: number): BatchGroup {
    const own = this.#pending && copiedPending(this.#pending, [index]);
    const group = new BatchGroup(this.#model, [this.#rows[index] as Row], this.extract(index), own);
    this.#keep(this.#rows.flatMap((_, place) => (place === index ? [] : [place])));
    return group;
  }

  /** The tokens that were being computed. Those after them are already being computed then. */
  async step(): Promise<GroupStep> {
    const { tokens, logprobs, chosen, computed } = this.#pending as Pending;
    const isLast = this.#rows.every(({ count, maxTokens }) => count + 1 >= maxTokens);
    this.#pending = isLast ? undefined : this.#issue(tokens);
    try {
      await computed;
      // What was joined or left out meanwhile is a view that is computed here.
      await mx.asyncEval(tokens, logprobs, chosen);
      return { tokens: tokens.tolist() as number[], chosen: chosen.tolist() as number[], logprobs };
    } finally {
      tokens.dispose();
      chosen.dispose();
    }
  }

  /** Leaves only these sequences, and frees what the others hold. */
  filter(keep: readonly number[]): void {
    this.#rows.forEach((row, index) => {
      if (!keep.includes(index)) row.seen.dispose();
    });
    this.#keep(keep);
  }

  #keep(rows: readonly number[]): void {
    if (rows.length === this.#rows.length) return;
    this.#rows = rows.map((index) => this.#rows[index] as Row);
    if (rows.length === 0) {
      for (const cache of this.#caches) cache.dispose();
      if (this.#pending !== undefined) freePending(this.#pending);
      this.#caches = [];
      this.#pending = undefined;
      return;
    }
    for (const cache of this.#caches) (cache as BatchKVCache).filter(rows);
    if (this.#pending !== undefined) this.#pending = somePending(this.#pending, rows);
  }

  /** The caches of one sequence, as single generation goes on with. */
  extract(index: number): Caches {
    if (this.#isBatch) return this.#caches.map((cache) => (cache as BatchKVCache).extract(index));
    const own = this.#caches;
    this.#caches = [];
    return own;
  }

  /** Starts the computation of the tokens after `input`, `[B]`. */
  #issue(input: mx.Array): Pending {
    const rows = this.#rows;
    const contexts = rows.map(({ seen }, index) => seen.add(input, rows.length === 1 ? undefined : index));
    const [tokens, logprobs, chosen] = mx.tidy(() => {
      const all = this.#model.forward(input.reshape(-1, 1), this.#caches).index(new mx.Slice(), -1);
      const logits = processRows(rows, all, contexts);
      const normal = logits.subtract(mx.logsumexp(logits, { axis: -1, keepdims: true }));
      const sampled = sampleRows(rows, normal);
      const probability = mx.takeAlongAxis(normal, sampled.reshape(-1, 1), -1).reshape(-1).astype(mx.float32);
      return [sampled, normal, probability, ...arraysOf(this.#caches)] as [mx.Array, mx.Array, mx.Array];
    });
    return { tokens, logprobs, chosen, computed: mx.asyncEval(tokens, logprobs, chosen) };
  }
}
