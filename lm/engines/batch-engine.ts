import { setImmediate as turn } from 'node:timers/promises';
import { DisposedError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import { BatchGenerator, type BatchResult } from '../generation/batch.ts';
import { canShare } from '../generation/batch-group.ts';
import { makeLogitsProcessors } from '../generation/processors.ts';
import { makeSampler } from '../generation/samplers.ts';
import { arraysOf } from '../generation/steps.ts';
import type { Engine, TokenStep } from './engine.ts';
import type { NativeCache } from './native-cache.ts';
import { NativeEngine } from './native-engine.ts';
import type { SampleOptions } from './options.ts';
import { StepReader } from './step-reader.ts';
import { tokenStep } from './token-step.ts';

export interface BatchEngineOptions {
  /** How many answers are computed together at most; others wait. */
  readonly maxBatch: number;
  /** How many tokens of a prompt are computed between two tokens of the other answers. */
  readonly prefillStepSize: number;
  /** Tokens that end every answer. */
  readonly stopTokens: Iterable<number>;
}

/** An answer that is so many tokens ahead of its reader is not computed until the reader has most of them. */
const MOST_AHEAD = 16;
const RESUMED_AT = 4;

/** Answers of one model, computed together: a token of each in one call of the model. */
export class BatchEngine implements Engine {
  readonly implementation = 'native';
  readonly architecture: string;
  readonly #engine: NativeEngine;
  readonly #batch: BatchGenerator;
  readonly #stopTokens: Iterable<number>;
  readonly #readers = new Map<number, { readonly reader: StepReader; readonly count: number | undefined }>();
  /** The caches of answers that ended by themselves. */
  readonly #ended = new Map<number, Caches>();
  #isRunning = false;
  #whenIdle: (() => void)[] = [];

  private constructor(engine: NativeEngine, { stopTokens, ...options }: BatchEngineOptions) {
    this.architecture = engine.architecture;
    this.#engine = engine;
    this.#batch = new BatchGenerator(engine.model, options);
    this.#stopTokens = stopTokens;
  }

  /** Undefined for an engine whose answers cannot be computed together: another one, or one with caches of other kinds. */
  static of(engine: Engine, options: BatchEngineOptions): BatchEngine | undefined {
    if (!(engine instanceof NativeEngine) || !canShare(makePromptCache(engine.model))) return undefined;
    return new BatchEngine(engine, options);
  }

  newCache(maxKvSize?: number): NativeCache {
    return this.#engine.newCache(maxKvSize);
  }

  async *steps(
    prompt: readonly number[],
    cache: NativeCache,
    options: SampleOptions,
  ): AsyncGenerator<TokenStep, void, undefined> {
    const { seed, maxTokens, signal, onPrefill, logprobs: count } = options;
    if (!canShare(cache.caches) || options.kvBits !== undefined) {
      yield* this.#engine.steps(prompt, cache, options);
      return;
    }
    signal?.throwIfAborted();
    const sampling = { sampler: makeSampler(options), processors: makeLogitsProcessors(options) };
    const ends = { maxTokens, stopTokens: this.#stopTokens, returnCache: true };
    const uid = this.#batch.insert(prompt, { ...sampling, ...ends, onPrefill, cache: cache.caches });
    // The batch has them until the answer ends.
    cache.caches = [];
    if (seed !== undefined) mx.random.seed(seed);
    const reader = new StepReader();
    this.#readers.set(uid, { reader, count });
    const leave = () => {
      reader.fail(signal?.reason);
      this.#batch.remove(uid);
    };
    signal?.addEventListener('abort', leave, { once: true });
    void this.#run();
    try {
      for (;;) {
        const step = await reader.next();
        if (step === undefined) return;
        if (reader.size === RESUMED_AT) this.#resume(uid);
        yield step;
      }
    } finally {
      signal?.removeEventListener('abort', leave);
      this.#readers.delete(uid);
      cache.caches = (await this.#leave(uid)) ?? [];
    }
  }

  /** Ends an answer, and gives its caches, computed. */
  async #leave(uid: number): Promise<Caches | undefined> {
    const caches = this.#ended.get(uid) ?? (await this.#batch.take(uid));
    this.#ended.delete(uid);
    if (caches !== undefined) await mx.asyncEval(arraysOf(caches));
    return caches;
  }

  #resume(uid: number): void {
    this.#batch.resume(uid);
    void this.#run();
  }

  /** Computes until there is nothing to do. Between two steps the event loop runs what waits for it. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (;;) {
        const results = await this.#batch.next();
        // The last call of `next` has freed what the one before gave.
        if (results.length === 0 && this.#batch.active === 0) return;
        for (const result of results) this.#deliver(result);
        await turn();
      }
    } catch (error) {
      for (const { reader } of this.#readers.values()) reader.fail(error);
      this.#batch.close();
    } finally {
      this.#isRunning = false;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  #deliver({ uid, token, logprobs, finishReason, error, cache }: BatchResult): void {
    const entry = this.#readers.get(uid);
    if (entry === undefined) {
      for (const one of cache ?? []) one.dispose();
      return;
    }
    const { reader, count } = entry;
    if (finishReason === 'error') {
      reader.fail(error);
      return;
    }
    reader.push(tokenStep(token as number, logprobs as mx.Array, count));
    if (cache !== undefined) this.#ended.set(uid, cache);
    if (finishReason !== undefined) reader.end();
    else if (reader.size >= MOST_AHEAD) this.#batch.pause(uid);
  }

  /** Resolves when nothing is computed any more. */
  async idle(): Promise<void> {
    if (!this.#isRunning) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  /** Ends all answers. The weights stay: they are the other engine's. */
  dispose(): void {
    const error = new DisposedError('the batch of answers was disposed');
    for (const { reader } of this.#readers.values()) reader.fail(error);
    this.#batch.close();
  }
}
