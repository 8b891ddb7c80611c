import { core as mx } from '../../mlx/index.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import { makeCacheQuantizer } from '../cache/quantized-kv-cache.ts';
import { makeLogitsProcessors } from '../generation/processors.ts';
import { makeSampler } from '../generation/samplers.ts';
import { generateSteps } from '../generation/steps.ts';
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
    const { seed, logprobs: count, maxTokens, prefillStepSize, signal, onPrefill } = options;
    const sampler = makeSampler(options);
    const processors = makeLogitsProcessors(options);
    if (seed !== undefined) mx.random.seed(seed);
    const { caches } = cache;
    const afterForward = makeCacheQuantizer(options);
    const how = { maxTokens, sampler, processors, cache: caches, prefillStepSize, signal, onPrefill, afterForward };
    for await (const { token, logprobs } of generateSteps(this.model, prompt, how)) {
      yield tokenStep(token, logprobs, count);
    }
  }

  logits(tokens: readonly (readonly number[])[]): mx.Array {
    return this.model.forward(mx.array(tokens, mx.int32), null);
  }

  dispose(): void {
    disposeModel(this.model);
  }
}
