import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import { makeCacheQuantizer } from '../cache/quantized-kv-cache.ts';
import { golden, prompt } from '../test-support/golden.ts';
import { tinyModel } from '../test-support/seeded-model.ts';
import { makeLogitsProcessors } from './processors.ts';
import { greedySampler, makeSampler } from './samplers.ts';
import { type SpeculativeOptions, speculativeSteps } from './speculative.ts';
import { generateSteps } from './steps.ts';

afterAll(() => shutdown());

const model = tinyModel(1);
const far = tinyModel(2);
const near = tinyModel(1);
near.loadWeights(
  utils.treeFlatten(near.parameters()).map(([name, value]) => {
    const array = value as mx.Array;
    return [name, array.ndim === 2 ? array.multiply(0.97) : array] as [string, mx.Array];
  }),
);

const defaults = { maxTokens: 24, sampler: greedySampler, processors: [], prefillStepSize: 512 };

function start(draftModel: typeof model, options: Partial<SpeculativeOptions> = {}) {
  const [cache, draftCache] = [makePromptCache(model), makePromptCache(draftModel)];
  return { cache, steps: speculativeSteps(model, prompt, { ...defaults, draftModel, cache, draftCache, ...options }) };
}

async function collect(draftModel: typeof model, options: Partial<SpeculativeOptions> = {}) {
  const all: [number, boolean][] = [];
  for await (const { token, fromDraft } of start(draftModel, options).steps) all.push([token, fromDraft]);
  return all;
}

describe('speculativeSteps', () => {
  it.each([
    ['far', far],
    ['near', near],
  ])('gives the tokens of mlx_lm, with a draft model that is %s', async (name, draft) => {
    const expected = golden.speculative[name];
    mx.random.seed(4);
    expect(await collect(draft)).toEqual(expected.two);
    expect(await collect(draft, { draftTokens: 4, prefillStepSize: 3 })).toEqual(expected.four);
    expect(await collect(draft, { sampler: makeSampler({ temperature: 0.8 }) })).toEqual(expected.sampled);
    expect(expected.two.map(([token]: [number]) => token)).toEqual(golden.generation.greedy[0]);
  });

  it('gives what generation without a draft model gives, with processors and with quantized caches', async () => {
    const afterForward = makeCacheQuantizer({ kvBits: 8, kvGroupSize: 32, quantizedKvStart: 0 });
    for (const options of [{ processors: makeLogitsProcessors({ repetitionPenalty: 1.3 }) }, { afterForward }]) {
      const alone: number[] = [];
      const cache = makePromptCache(model);
      for await (const { token } of generateSteps(model, prompt, { ...defaults, ...options, cache })) alone.push(token);
      for (const draft of [far, near]) {
        const tokens = (await collect(draft, { ...options, draftTokens: 3 })).map(([token]) => token);
        expect(tokens).toEqual(alone);
      }
    }
  });

  it('leaves caches that go on', async () => {
    for (const [draft, leave] of [
      [near, 5],
      [near, 6],
      [far, 4],
    ] as const) {
      const { cache, steps } = start(draft, { draftTokens: 4 });
      const tokens: number[] = [];
      for await (const { token } of steps) if (tokens.push(token) === leave) break;
      expect(cache[0]?.offset).toBe(prompt.length + leave - 1);
      for await (const { token } of generateSteps(model, tokens.slice(-1), {
        ...defaults,
        maxTokens: 24 - leave,
        cache,
      })) {
        tokens.push(token);
      }
      expect(tokens).toEqual(golden.generation.greedy[0]);
    }
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    const { steps } = start(near, { signal: controller.signal });
    await steps.next();
    controller.abort(new Error('enough'));
    await expect(
      (async () => {
        for await (const _ of steps);
      })(),
    ).rejects.toThrow('enough');
  });

  it('refuses caches that cannot go back, and counts that are none', async () => {
    const draftCache = makePromptCache(far, { maxKvSize: 5 });
    const filled = generateSteps(far, prompt, { ...defaults, maxTokens: 2, cache: draftCache });
    for await (const _ of filled);
    await expect(start(far, { draftCache }).steps.next()).rejects.toThrow(ArgumentError);
    await expect(start(far, { draftTokens: 0 }).steps.next()).rejects.toThrow(ArgumentError);
  });
});
