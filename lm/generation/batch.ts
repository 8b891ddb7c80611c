import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { core as mx } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import type { CausalModel } from '../models/model.ts';
import { BatchGroup, canShare, type Row } from './batch-group.ts';
import type { BatchOptions, BatchResult, SequenceOptions } from './batch-options.ts';
import { checkCount, checkTokens, wrong } from './checks.ts';
import { greedySampler } from './samplers.ts';
import { prefillPart, SeenTokens } from './steps.ts';

export type { BatchOptions, BatchResult, SequenceOptions } from './batch-options.ts';

interface Waiting {
  readonly row: Row;
  readonly prompt: readonly number[];
  readonly cache: Caches;
  done: number;
}

/**
 * Generates for many prompts at once. They come and go between steps: `insert` adds one, `next` gives a token of each
 * that is under way. Sequences whose caches keep every position are computed together; those of models with other
 * caches take turns.
 */
export class BatchGenerator {
  readonly #model: CausalModel;
  readonly #maxBatch: number;
  readonly #prefillStepSize: number;
  #waiting: Waiting[] = [];
  #groups: BatchGroup[] = [];
  readonly #removed = new Set<number>();
  #given: mx.Array[] = [];
  #nextUid = 0;
  #isRunning = false;

  /** @throws ArgumentError for a size that is no whole number of at least 1 */
  constructor(model: CausalModel, options: BatchOptions = {}) {
    this.#model = model;
    this.#maxBatch = checkCount('maxBatch', options.maxBatch ?? 32, 1);
    this.#prefillStepSize = checkCount('prefillStepSize', options.prefillStepSize ?? 2048, 1);
  }

  /** How many sequences are waiting or under way. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  get #underWay(): number {
    return this.#groups.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /**
   * Adds a prompt, whose first token comes from one of the next calls of `next`.
   * @returns the number that its results have
   * @throws ArgumentError for an empty prompt, and for what is no token index or no count
   */
  insert(prompt: readonly number[], options: SequenceOptions = {}): number {
    const { sampler = greedySampler, processors = [], stopTokens = [], signal, returnCache = false } = options;
    if (checkTokens('prompt', prompt).length === 0) throw wrong('prompt', 'at least one token', prompt);
    const uid = this.#nextUid++;
    const row: Row = {
      uid,
      sampler,
      processors,
      maxTokens: checkCount('maxTokens', options.maxTokens ?? 128, 1),
      stopTokens: new Set(stopTokens),
      signal,
      returnCache,
      seen: new SeenTokens(processors.length > 0),
      count: 0,
    };
    const cache = options.cache ?? makePromptCache(this.#model);
    this.#waiting.push({ row, prompt: [...prompt], cache, done: 0 });
    return uid;
  }

  /** Ends a sequence, which has no results any more. False: it is not there. */
  remove(uid: number): boolean {
    const rows = [...this.#waiting.map(({ row }) => row), ...this.#groups.flatMap((group) => group.rows)];
    if (!rows.some((row) => row.uid === uid)) return false;
    this.#removed.add(uid);
    if (!this.#isRunning) this.#sweep([]);
    return true;
  }

  /**
   * One token of each sequence under way, and the ends of those that ended. An empty list: there are none.
   * @throws ArgumentError while an earlier call is not finished
   */
  async next(): Promise<BatchResult[]> {
    if (this.#isRunning) throw new ArgumentError('expected a call of "next" after the one before has finished');
    this.#isRunning = true;
    for (const array of this.#given) array.dispose();
    this.#given = [];
    const results: BatchResult[] = [];
    try {
      while (this.size > 0 && results.length === 0) {
        this.#sweep(results);
        for (const group of this.#groups) await this.#step(group, results);
        this.#groups = this.#groups.filter(({ rows }) => rows.length > 0);
        await this.#prefill(results);
      }
      return results;
    } finally {
      this.#isRunning = false;
      this.#sweep([]);
    }
  }

  /** Ends all sequences and frees what they hold. */
  close(): void {
    for (const { row } of this.#waiting) this.#removed.add(row.uid);
    for (const { rows } of this.#groups) for (const { uid } of rows) this.#removed.add(uid);
    if (!this.#isRunning) this.#sweep([]);
  }

  /** Takes out what was removed, and what was aborted, of which a result tells. */
  #sweep(results: BatchResult[]): void {
    const isGone = ({ uid, signal }: Row): boolean => {
      if (this.#removed.delete(uid)) return true;
      if (signal?.aborted !== true || this.#isRunning === false) return false;
      results.push({ uid, token: undefined, logprobs: undefined, finishReason: 'abort', error: signal.reason });
      return true;
    };
    this.#waiting = this.#waiting.filter(({ row, cache }) => {
      if (!isGone(row)) return true;
      for (const one of cache) one.dispose();
      row.seen.dispose();
      return false;
    });
    for (const group of this.#groups) {
      group.filter(group.rows.flatMap((row, index) => (isGone(row) ? [] : [index])));
    }
    this.#groups = this.#groups.filter(({ rows }) => rows.length > 0);
  }

  async #step(group: BatchGroup, results: BatchResult[]): Promise<void> {
    try {
      const { tokens, logprobs } = await group.step();
      const keep: number[] = [];
      group.rows.forEach((row, index) => {
        const result = resultOf(group, index, tokens[index] as number, logprobs);
        if (result.logprobs !== undefined) this.#given.push(result.logprobs);
        if (!this.#removed.delete(row.uid)) results.push(result);
        else return;
        if (result.finishReason === undefined) keep.push(index);
      });
      this.#given.push(logprobs);
      group.filter(keep);
    } catch (error) {
      for (const { uid } of group.rows) results.push(failed(uid, error));
      group.filter([]);
    }
  }

  /** Computes a part of the prompt that waits longest; when it is all there, the sequence is under way. */
  async #prefill(results: BatchResult[]): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined || this.#underWay >= this.#maxBatch) return;
    const { row, prompt, cache } = first;
    try {
      const end = Math.min(first.done + this.#prefillStepSize, prompt.length - 1);
      if (end > first.done) await prefillPart(this.#model, prompt.slice(first.done, end), { cache }, row.seen);
      first.done = end;
      if (end < prompt.length - 1) return;
      this.#waiting.shift();
      const group = new BatchGroup(this.#model, row, cache, prompt.at(-1) as number);
      const shared = canShare(cache) && this.#groups.find(({ isShared }) => isShared);
      if (shared) shared.absorb(group);
      else this.#groups.push(group);
    } catch (error) {
      this.#waiting = this.#waiting.filter((waiting) => waiting !== first);
      for (const one of cache) one.dispose();
      row.seen.dispose();
      results.push(failed(row.uid, error));
    }
  }
}

const failed = (uid: number, error: unknown): BatchResult => ({
  uid,
  token: undefined,
  logprobs: undefined,
  finishReason: 'error',
  error,
});

function resultOf(group: BatchGroup, index: number, token: number, logprobs: mx.Array): BatchResult {
  const row = group.rows[index] as Row;
  if (row.error !== undefined) return failed(row.uid, row.error);
  row.count += 1;
  const isLast = row.count >= row.maxTokens;
  const finishReason = row.stopTokens.has(token) ? 'stop' : isLast ? 'length' : undefined;
  const result = { uid: row.uid, token, logprobs: logprobs.index(index), finishReason } as const;
  return finishReason !== undefined && row.returnCache ? { ...result, cache: group.extract(index) } : result;
}
