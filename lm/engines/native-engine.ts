import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import { makeCacheQuantizer } from '../cache/quantized-kv-cache.ts';
import { makeLogitsProcessors } from '../generation/processors.ts';
import { makeSampler } from '../generation/samplers.ts';
import { type SpeculativeStep, speculativeSteps } from '../generation/speculative.ts';
import { generateSteps, type StepOptions } from '../generation/steps.ts';
import { disposeModel } from '../models/dispose.ts';
import type { CausalModel } from '../models/model.ts';
import type { Engine, TokenStep } from './engine.ts';
import { NativeCache } from './native-cache.ts';
import type { SampleOptions } from './options.ts';
import { tokenStep } from './token-step.ts';

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
    return new NativeCache(this.model, makePromptCache(this.model, { maxKvSize }));
  }

  async *steps(
    prompt: readonly number[],
    cache: NativeCache,
    options: SampleOptions,
  ): AsyncGenerator<TokenStep, void, undefined> {
    const { seed, logprobs: count, maxTokens, draft, prefillStepSize, signal, onPrefill } = options;
    if (!(cache instanceof NativeCache) || cache.model !== this.model) {
      throw new ArgumentError(
        'expected a cache of this model, as newCache and loadPromptCache give them, received another',
        { operation: 'lm.generate' },
      );
    }
    const sampler = makeSampler(options);
    const processors = makeLogitsProcessors(options);
    if (seed !== undefined) mx.random.seed(seed);
    const { caches } = cache;
    const afterForward = makeCacheQuantizer(options);
    const how = { maxTokens, sampler, processors, cache: caches, prefillStepSize, signal, onPrefill, afterForward };
    const before = { offset: cache.offset, ahead: 0 };
    const tokens = [...prompt];
    try {
      const steps =
        draft === undefined ? generateSteps(this.model, prompt, how) : this.#drafted(prompt, cache, how, draft);
      if (draft === undefined) cache.forgetDraft();
      else before.ahead = cache.aheadOf(draft.model);
      for await (const { logprobs, ...step } of steps) {
        tokens.push(step.token);
        yield { ...step, ...tokenStep(step.token, logprobs, count) };
      }
    } finally {
      cache.settle(tokens, before);
    }
  }

  async *#drafted(
    prompt: readonly number[],
    cache: NativeCache,
    { onPrefill, ...how }: StepOptions,
    draft: NonNullable<SampleOptions['draft']>,
  ): AsyncGenerator<SpeculativeStep> {
    const { caches: draftCache, missing } = cache.draftOf(draft.model);
    const options = { ...how, draftModel: draft.model, draftCache, draftMissing: missing, draftTokens: draft.tokens };
    onPrefill?.(0, prompt.length);
    let count = 0;
    for await (const step of speculativeSteps(this.model, prompt, options)) {
      if (count++ === 0) onPrefill?.(prompt.length, prompt.length);
      yield step;
    }
  }

  logits(tokens: readonly (readonly number[])[]): mx.Array {
    return this.model.forward(mx.array(tokens, mx.int32), null);
  }

  dispose(): void {
    disposeModel(this.model);
  }
}
