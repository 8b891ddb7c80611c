import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { shutdown } from '../../mlx/index.ts';
import type { CausalModel } from '../models/model.ts';
import { golden, prompt, prompts } from '../test-support/golden.ts';
import { BatchEngine } from './batch-engine.ts';
import { NativeEngine } from './native-engine.ts';
import { batched, calls, checked, native, tokensOf, turns } from './test-support/batches.ts';

afterAll(() => shutdown());
afterEach(() => vi.restoreAllMocks());

const greedy: number[][] = golden.generation.greedy;

describe('answers of a batch', () => {
  it('are what each would be alone, and take one call of the model for each token', async () => {
    const shapes = calls();
    const engine = batched();
    expect(await Promise.all(prompts.map((tokens) => tokensOf(engine, tokens)))).toEqual(greedy);
    expect(Math.max(...shapes.map(([rows]) => rows))).toBe(prompts.length);
    expect(shapes.length).toBeLessThan((prompts.length * 24) / 2);
  });

  it('have processors, biases and probabilities of their own', async () => {
    const options = [{ repetitionPenalty: 1.3 }, { logitBias: { 7: 100 } }, {}, { logprobs: 3 }];
    const engine = batched();
    const of = async (from: BatchEngine | NativeEngine, given: object) => {
      const steps = [];
      const how = checked({ ...given, maxTokens: 8 });
      for await (const step of from.steps(prompt, from.newCache(), how)) steps.push(step);
      return steps;
    };
    const alone = [];
    for (const given of options) alone.push(await of(native, given));
    const together = await Promise.all(options.map((given) => of(engine, given)));
    expect(together.map((steps) => steps.map(({ token }) => token))).toEqual(
      alone.map((steps) => steps.map(({ token }) => token)),
    );
    expect(together[3]?.[5]?.topLogprobs).toHaveLength(3);
    expect(together[3]?.[5]?.logprob).toBeCloseTo(alone[3]?.[5]?.logprob as number, 4);
    expect(together[2]?.[5]).not.toHaveProperty('logprob');
  });

  it('draw by a seed what they draw alone, others taking the most likely token meanwhile', async () => {
    const seeded = { temperature: 1, seed: 11 };
    const alone = await tokensOf(native, prompt, seeded);
    const engine = batched();
    const [drawn, plain] = await Promise.all([tokensOf(engine, prompt, seeded), tokensOf(engine, [28])]);
    expect(drawn).toEqual(alone);
    expect(plain).toEqual(greedy[2]);
  });

  it('wait for no more than a part of a prompt, and prompts take turns', async () => {
    const engine = batched();
    const running = tokensOf(engine, [28], { maxTokens: 40 });
    await turns(3);
    const shapes = calls();
    const long = Array.from({ length: 33 }, (_, i) => i % 90);
    const order: string[] = [];
    const asked = [long, long, prompt].map((tokens, i) =>
      tokensOf(engine, tokens, { maxTokens: 2 }).then(() => order.push(String(i))),
    );
    await Promise.all([running, ...asked]);
    const isPart = ([, length]: readonly [number, number]) => length > 1;
    const parts = shapes.filter(isPart).length;
    expect(parts).toBeGreaterThanOrEqual(16);
    expect(shapes.filter((shape, i) => isPart(shape) && shapes[i + 1] && isPart(shapes[i + 1]!))).toEqual([]);
    expect(order[0]).toBe('2');
  });

  it('stop within a token when they are abandoned, also in the middle of a prompt, and free what they held', async () => {
    const engine = batched();
    const kept = tokensOf(engine, prompt);
    const leaving = new AbortController();
    const long = Array.from({ length: 400 }, (_, i) => i % 90);
    const early = tokensOf(engine, long, { signal: leaving.signal });
    const late = tokensOf(engine, [28], { signal: leaving.signal, maxTokens: 1000 });
    await turns(10);
    const shapes = calls();
    leaving.abort(new Error('gone'));
    await expect(early).rejects.toThrow('gone');
    await expect(late).rejects.toThrow('gone');
    expect(await kept).toEqual(greedy[0]);
    await engine.idle();
    // What was under way when they left is let go by the call after it.
    expect(shapes.slice(2).filter(([rows, length]) => rows > 1 || length > 1)).toEqual([]);
  });

  it('are not computed while they are not read, and go on where they were', async () => {
    const engine = batched();
    const shapes = calls();
    const cache = engine.newCache();
    const reading = engine.steps([28], cache, checked({ maxTokens: 60 }));
    const tokens = [(await reading.next()).value?.token];
    const other = tokensOf(engine, prompt);
    expect(await other).toEqual(greedy[0]);
    await engine.idle();
    const count = shapes.length;
    expect(count).toBeLessThan(50);
    await turns(5);
    expect(shapes).toHaveLength(count);
    for await (const { token } of reading) tokens.push(token);
    cache.dispose();
    expect(tokens).toEqual(await tokensOf(native, [28], { maxTokens: 60 }));
  });

  it('go on from caches, those of answers that were left too', async () => {
    const engine = batched();
    const cache = engine.newCache();
    const tokens: number[] = [];
    for await (const { token } of engine.steps(prompt, cache, checked({}))) if (tokens.push(token) === 5) break;
    cache.trim(cache.offset - prompt.length - 4);
    expect(cache.offset).toBe(prompt.length + 4);
    const copy = cache.copy();
    const rest = { maxTokens: 19 };
    for (const one of [cache, copy]) {
      const more: number[] = [];
      for await (const { token } of engine.steps(tokens.slice(4), one, checked(rest))) more.push(token);
      expect([...tokens, ...more]).toEqual(greedy[0]);
      one.dispose();
    }
  });
});

it('only answers whose caches keep all positions as they are are computed together', async () => {
  const engine = batched();
  const limited = native.newCache(64);
  expect(await tokensOf(engine, prompt, {}, limited)).toEqual(greedy[0]);
  expect(await tokensOf(engine, prompt, { kvBits: 8, kvGroupSize: 32 })).toHaveLength(24);
  const windowed = new NativeEngine({ makeCache: () => limited.caches } as unknown as CausalModel, 'gemma3_text');
  limited.caches = native.newCache(64).caches;
  expect(BatchEngine.of(windowed, { maxBatch: 8, prefillStepSize: 4, stopTokens: [] })).toBeUndefined();
});
