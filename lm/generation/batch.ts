import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import type { CausalModel } from '../models/model.ts';
import { BatchGroup } from './batch-group.ts';
import { BatchGroups } from './batch-groups.ts';
import type { BatchOptions, BatchResult, SequenceOptions } from './batch-options.ts';
import { PrefillQueue } from './batch-prefill.ts';
import { failed, resultOf } from './batch-results.ts';
import { makeRow, type Row } from './batch-row.ts';
import { checkCount, checkTokens, wrong } from './checks.ts';

export type { BatchOptions, BatchResult, SequenceOptions } from './batch-options.ts';

/** Takes the caches of a sequence that is removed; undefined where there are none. */
type Taker = (caches: Caches | undefined) => void;

/** How often MLX's own cache of freed buffers is emptied, in steps: batches that change leave buffers of many sizes. */
const CLEAR_EVERY = 256;

/**
 * Generates for many prompts at once. They come and go between steps: `insert` adds one, `next` gives a token of each
 * that is under way. Sequences whose caches keep every position are computed together; those of models with other
 * caches take turns.
 */
export class BatchGenerator {
  readonly #model: CausalModel;
  readonly #maxBatch: number;
  readonly #prompts: PrefillQueue;
  readonly #groups = new BatchGroups();
  /** Sequences that are to end, and who wants their caches. */
  readonly #removed = new Map<number, Taker | undefined>();
  /** What results have that are valid until the next call of `next`. */
  readonly #given: mx.Array[] = [];
  #nextUid = 0;
  #steps = 0;
  #isRunning = false;

  /** @throws ArgumentError for a size that is no whole number of at least 1 */
  constructor(model: CausalModel, options: BatchOptions = {}) {
    this.#model = model;
    this.#maxBatch = checkCount('maxBatch', options.maxBatch ?? 32, 1);
    this.#prompts = new PrefillQueue(model, checkCount('prefillStepSize', options.prefillStepSize ?? 2048, 1));
  }

  /** How many sequences are waiting, under way, or paused. */
  get size(): number {
    return this.#rows.length;
  }

  get #rows(): readonly Row[] {
    return [...this.#prompts.rows, ...this.#groups.rows];
  }

  /** How many of them `next` has something to do for: all but those that are paused. */
  get active(): number {
    return this.#prompts.size + this.#groups.active;
  }

  /**
   * Adds a prompt, whose first token comes from one of the next calls of `next`.
   * @returns the number that its results have
   * @throws ArgumentError for an empty prompt, and for what is no token index or no count
   */
  insert(prompt: readonly number[], options: SequenceOptions = {}): number {
    if (checkTokens('prompt', prompt).length === 0) throw wrong('prompt', 'at least one token', prompt);
    const row = makeRow(this.#nextUid++, options);
    const caches = options.cache ?? makePromptCache(this.#model);
    this.#prompts.add({ row, tokens: [...prompt], caches, done: 0 });
    return row.uid;
  }

  /** Ends a sequence, which has no results any more. False: it is not there. */
  remove(uid: number): boolean {
    return this.#remove(uid, undefined);
  }

  /** Ends a sequence as `remove` does, and gives its caches; undefined: it is not there, or was not yet under way. */
  take(uid: number): Promise<Caches | undefined> {
    return new Promise((resolve) => {
      if (!this.#remove(uid, resolve)) resolve(undefined);
    });
  }

  #remove(uid: number, taker: Taker | undefined): boolean {
    if (this.#removed.has(uid) || !this.#rows.some((row) => row.uid === uid)) return false;
    this.#removed.set(uid, taker);
    if (!this.#isRunning) this.#sweep([]);
    return true;
  }

  /** A sequence under way gives no more tokens, and takes no time, until it is resumed. Its next token may be computed. */
  pause(uid: number): void {
    this.#groups.pausing.add(uid);
  }

  resume(uid: number): void {
    this.#groups.pausing.delete(uid);
  }

  /**
   * One token of each sequence under way, and the ends of those that ended. An empty list: there are none.
   * @throws ArgumentError while an earlier call is not finished
   */
  async next(): Promise<BatchResult[]> {
    if (this.#isRunning) throw new ArgumentError('expected a call of "next" after the one before has finished');
    this.#isRunning = true;
    this.#freeGiven();
    const results: BatchResult[] = [];
    try {
      while (this.active > 0 && results.length === 0) {
        this.#sweep(results);
        this.#groups.arrange();
        for (const group of this.#groups.running) await this.#step(group, results);
        await this.#prefill(results);
        if (++this.#steps % CLEAR_EVERY === 0) mx.clearCache();
      }
      return results;
    } finally {
      this.#isRunning = false;
      // A step whose sequences were all removed meanwhile has given nothing that is still to be read.
      if (results.length === 0) this.#freeGiven();
      this.#sweep([]);
    }
  }

  /** Ends all sequences and frees what they hold, and what the last call of `next` gave. */
  close(): void {
    for (const { uid } of this.#rows) this.remove(uid);
    if (!this.#isRunning) this.#freeGiven();
  }

  #freeGiven(): void {
    for (const array of this.#given.splice(0)) array.dispose();
  }

  /** Takes out what was removed, and what was aborted, of which a result tells. */
  #sweep(results: BatchResult[]): void {
    const isGone = ({ uid, signal }: Row, caches: () => Caches | undefined): boolean => {
      if (this.#isRemoved(uid, caches)) return true;
      if (signal?.aborted !== true || this.#isRunning === false) return false;
      results.push({ uid, token: undefined, logprobs: undefined, finishReason: 'abort', error: signal.reason });
      return true;
    };
    this.#prompts.filter((row) => !isGone(row, () => undefined));
    this.#groups.filter((group, index) => !isGone(group.rows[index] as Row, () => group.extract(index)));
  }

  /** Whether a sequence is to end; who wants its caches gets them. */
  #isRemoved(uid: number, caches: () => Caches | undefined): boolean {
    const taker = this.#removed.get(uid);
    if (!this.#removed.delete(uid)) return false;
    this.#groups.pausing.delete(uid);
    taker?.(caches());
    return true;
  }

  async #step(group: BatchGroup, results: BatchResult[]): Promise<void> {
    try {
      const step = await group.step();
      this.#given.push(step.logprobs);
      const keep: number[] = [];
      group.rows.forEach((row, index) => {
        if (this.#isRemoved(row.uid, () => group.extract(index))) return;
        const result = resultOf(group, index, step);
        if (result.logprobs !== undefined) this.#given.push(result.logprobs);
        results.push(result);
        if (result.finishReason === undefined) keep.push(index);
      });
      group.filter(keep);
    } catch (error) {
      for (const { uid } of group.rows) {
        if (!this.#isRemoved(uid, () => undefined)) results.push(failed(uid, error));
      }
      group.filter([]);
    }
  }

  async #prefill(results: BatchResult[]): Promise<void> {
    const room = this.#maxBatch - this.#groups.rows.length;
    if (this.#prompts.size === 0 || room <= 0) return;
    const prompts = this.#prompts.upNext(room);
    // A sequence that was removed meanwhile draws no random number any more.
    const isGone = ({ uid, signal }: Row): boolean => signal?.aborted === true || this.#removed.has(uid);
    try {
      const ready = await this.#prompts.compute(prompts, room, isGone);
      if (ready === undefined) return;
      this.#groups.add(BatchGroup.of(this.#model, ready.rows, ready.caches, ready.lastTokens));
      this.#prompts.release(ready.rows);
    } catch (error) {
      for (const { row } of prompts) {
        this.#prompts.filter((other) => other !== row);
        if (!this.#isRemoved(row.uid, () => undefined)) results.push(failed(row.uid, error));
      }
    }
  }
}
