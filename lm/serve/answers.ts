import { BatchEngine } from '../engines/batch-engine.ts';
import type { PromptCache } from '../engines/engine.ts';
import { type Segment, streamSegments } from '../generation/segments.ts';
import type { LanguageModel } from '../language-model.ts';
import type { AnswerRequest } from './job.ts';
import { PromptStore } from './prompt-store.ts';

export interface AnswersOptions {
  readonly maxConcurrent: number;
  readonly prefillStepSize: number;
  readonly promptCacheSize: number;
  readonly promptCacheBytes: number;
}

/**
 * Computes answers of a model: together in one batch where its caches can be shared, otherwise a token of each in turn.
 * One with a seed is computed by itself and from its first token on, so that it is the same bits each time.
 */
export class Answers {
  readonly #model: LanguageModel;
  readonly #batch: BatchEngine | undefined;
  readonly #store: PromptStore;
  #isClosed = false;

  constructor(model: LanguageModel, options: AnswersOptions) {
    const { maxConcurrent: maxBatch, prefillStepSize, promptCacheSize, promptCacheBytes } = options;
    const stopTokens = model.tokenizer.eosTokenIds;
    this.#model = model;
    this.#batch = BatchEngine.of(model.engine, { maxBatch, prefillStepSize, stopTokens });
    this.#store = new PromptStore(promptCacheSize, promptCacheBytes);
  }

  /** An answer, until the signal aborts. */
  async *compute(request: AnswerRequest, signal: AbortSignal): AsyncGenerator<Segment, void, undefined> {
    const { tokens, splitter } = request;
    const options = { ...request.options, signal };
    const { engine: own, tokenizer } = this.#model;
    const isAlone = options.seed !== undefined;
    const engine = (isAlone ? undefined : this.#batch) ?? own;
    if (isAlone || this.#store.capacity === 0) {
      yield* streamSegments(engine, tokenizer, tokens, options, splitter);
      return;
    }
    const cache = (await this.#store.find(tokens)) ?? (await engine.newCache());
    const seen = [...tokens];
    let isFailed = false;
    try {
      const rest = tokens.slice(cache.offset);
      for await (const segment of streamSegments(engine, tokenizer, rest, { ...options, cache }, splitter)) {
        seen.push(segment.token);
        yield segment;
      }
    } catch (error) {
      isFailed = true;
      throw error;
    } finally {
      if (isFailed || signal.aborted) cache.dispose();
      else await this.#keep(seen, cache);
    }
  }

  /** Keeps what the model has seen of these tokens; of others it may have seen the first ones, too. */
  async #keep(tokens: readonly number[], cache: PromptCache): Promise<void> {
    const surplus = cache.offset - tokens.length;
    const isKept = cache.nbytes !== undefined && !this.#isClosed;
    if (!isKept || (surplus > 0 && (await cache.trim(surplus)) !== surplus)) cache.dispose();
    else this.#store.add(tokens.slice(0, cache.offset), cache);
  }

  /** Resolves when nothing is computed any more, and frees what was kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#batch?.idle();
    this.#store.clear();
  }
}
