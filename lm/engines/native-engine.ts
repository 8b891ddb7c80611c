import { core as mx } from '../../mlx/index.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import { makeCacheQuantizer } from '../cache/quantized-kv-cache.ts';
import { makeLogitsProcessors } from '../generation/processors.ts';
import { makeSampler } from '../generation/samplers.ts';
import { type SpeculativeStep, speculativeSteps } from '../generation/speculative.ts';
import { generateSteps, type Step, type StepOptions } from '../generation/steps.ts';
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
    return new NativeCache(makePromptCache(this.model, { maxKvSize }));
  }

  async *steps(
    prompt: readonly number[],
    cache: NativeCache,
    options: SampleOptions,
  ): AsyncGenerator<TokenStep, void, undefined> {
    const { seed, logprobs: count, maxTokens, draft, prefillStepSize, signal, onPrefill } = options;
    const sampler = makeSampler(options);
    const processors = makeLogitsProcessors(options);
    if (seed !== undefined) mx.random.seed(seed);
    const { caches } = cache;
    const afterForward = makeCacheQuantizer(options);
    const how = { maxTokens, sampler, processors, cache: caches, prefillStepSize, signal, onPrefill, afterForward };
    const steps = draft === undefined ? this.#alone(prompt, cache, how) : this.#drafted(prompt, cache, how, draft);
    for await (const { logprobs, ...step } of steps) {
      yield { ...step, ...tokenStep(step.token, logprobs, count) };
    }
  }

  #alone(prompt: readonly number[], cache: NativeCache, how: StepOptions): AsyncGenerator<Step> {
    cache.forgetDraft();
    return generateSteps(this.model, prompt, how);
  }

  async *#drafted(
    prompt: readonly number[],
    cache: NativeCache,
    { onPrefill, ...how }: StepOptions,
    draft: NonNullable<SampleOptions['draft']>,
  ): AsyncGenerator<SpeculativeStep> {
    const { caches: draftCache, missing } = cache.draftOf(draft.model);
    const before = { offset: cache.offset, ahead: cache.ahead };
    const tokens = [...prompt];
    const options = { ...how, draftModel: draft.model, draftCache, draftMissing: missing, draftTokens: draft.tokens };
    onPrefill?.(0, prompt.length);
    try {
      for await (const step of speculativeSteps(this.model, prompt, options)) {
        if (tokens.length === prompt.length) onPrefill?.(prompt.length, prompt.length);
        tokens.push(step.token);
        yield step;
      }
    } finally {
      cache.settleDraft(tokens, before);
    }
  }

  logits(tokens: readonly (readonly number[])[]): mx.Array {
    return this.model.forward(mx.array(tokens, mx.int32), null);
  }

  dispose(): void {
    disposeModel(this.model);
  }
}
