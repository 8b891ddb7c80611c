import { core as mx } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import { canTrimPromptCache, makePromptCache } from '../cache/make-cache.ts';
import { makeCacheQuantizer } from '../cache/quantized-kv-cache.ts';
import { makeLogitsProcessors } from '../generation/processors.ts';
import { makeSampler } from '../generation/samplers.ts';
import { generateSteps } from '../generation/steps.ts';
import { disposeModel } from '../models/dispose.ts';
import type { CausalModel } from '../models/model.ts';
import type { Engine, PromptCache, TokenStep } from './engine.ts';
import type { SampleOptions } from './options.ts';

class NativeCache implements PromptCache {
  readonly caches: Caches;

  constructor(caches: Caches) {
    this.caches = caches;
  }

  get offset(): number {
    return Number(this.caches[0]?.offset ?? 0);
  }

  trim(count: number): number {
    if (!canTrimPromptCache(this.caches)) return 0;
    return Math.min(...this.caches.map((cache) => cache.trim(count)));
  }

  dispose(): void {
    for (const cache of this.caches) cache.dispose();
  }
}

/** A model of this process. */
export class NativeEngine implements Engine {
  readonly implementation = 'native';
  readonly architecture: string;
  readonly model: CausalModel;

  constructor(model: CausalModel, architecture: string) {
    this.model = model;
    this.architecture = architecture;
  }

  newCache(maxKvSize?: number): NativeCache {
    return new NativeCache(makePromptCache(this.model, { maxKvSize }));
  }

  async *steps(
    prompt: readonly number[],
    cache: NativeCache,
    options: SampleOptions,
  ): AsyncGenerator<TokenStep, void, undefined> {
    const { seed, logprobs: count, maxTokens, prefillStepSize, signal, onPrefill } = options;
    const sampler = makeSampler(options);
    const processors = makeLogitsProcessors(options);
    if (seed !== undefined) mx.random.seed(seed);
    const { caches } = cache;
    const afterForward = makeCacheQuantizer(options);
    const how = { maxTokens, sampler, processors, cache: caches, prefillStepSize, signal, onPrefill, afterForward };
    for await (const { token, logprobs } of generateSteps(this.model, prompt, how)) {
      yield count === undefined ? { token } : { token, ...probabilities(logprobs, token, count) };
    }
  }

  dispose(): void {
    disposeModel(this.model);
  }
}

function probabilities(logprobs: mx.Array, token: number, count: number): Omit<TokenStep, 'token'> {
  return mx.tidy(() => {
    const values = logprobs.astype(mx.float32);
    const best = mx.argsort(values.negative()).index(new mx.Slice(0, count));
    const found = values.index(best).tolist() as number[];
    const topLogprobs = (best.tolist() as number[]).map((index, i) => [index, found[i] as number] as const);
    return { logprob: values.index(token).item() as number, topLogprobs };
  });
}
