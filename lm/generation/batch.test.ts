import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import { makePromptCache } from '../cache/make-cache.ts';
import { golden, prompt, prompts } from '../test-support/golden.ts';
import { tinyModel } from '../test-support/seeded-model.ts';
import { BatchGenerator, type BatchResult } from './batch.ts';
import { makeLogitsProcessors } from './processors.ts';
import { greedySampler, makeSampler } from './samplers.ts';
import { generateSteps } from './steps.ts';

afterAll(() => shutdown());

const model = tinyModel(1);
const greedy: number[][] = golden.generation.greedy;

/** Calls `next` until nothing is left, and puts results together by sequence. */
async function collect(generator: BatchGenerator, between: (step: number) => void = () => undefined) {
  const tokens = new Map<number, number[]>();
  const ends = new Map<number, BatchResult>();
  for (let step = 0; ; step++) {
    between(step);
    const results = await generator.next();
    if (results.length === 0) return { tokens, ends };
    for (const result of results) {
      if (result.token !== undefined) tokens.set(result.uid, [...(tokens.get(result.uid) ?? []), result.token]);
      if (result.finishReason !== undefined) ends.set(result.uid, result);
    }
  }
}

describe('BatchGenerator', () => {
  it("gives the tokens of mlx_lm's, whose sequences come and go", async () => {
    const { counts, tokens, reasons } = golden.batch;
    const generator = new BatchGenerator(model, { prefillStepSize: 4 });
    const add = (index: number) =>
      generator.insert(prompts[index] as number[], { maxTokens: counts[index], stopTokens: [5] });
    const uids = [0, 1, 2].map(add);
    const result = await collect(generator, (step) => {
      if (step === 4) uids.push(add(3), add(4));
    });
    expect(uids.map((uid) => result.tokens.get(uid))).toEqual(tokens);
    expect(uids.map((uid) => result.ends.get(uid)?.finishReason)).toEqual(reasons);
    expect(generator.size).toBe(0);
  });

  it('gives what single generation gives, whatever order they come in', async () => {
    const generator = new BatchGenerator(model, { maxBatch: 3 });
    const order = [4, 1, 0, 3, 2];
    const uids = order.map((index) => generator.insert(prompts[index] as number[], { maxTokens: 24 }));
    const { tokens } = await collect(generator);
    expect(uids.map((uid) => tokens.get(uid))).toEqual(order.map((index) => greedy[index]));
  });

  it('computes prompts that wait at once, of different lengths, and beside others that are under way', async () => {
    const calls: number[][] = [];
    const watched = Object.create(model) as typeof model;
    watched.forward = (tokens, caches) => {
      calls.push(tokens.shape as number[]);
      return model.forward(tokens, caches);
    };
    const done: number[][] = [];
    const generator = new BatchGenerator(watched);
    const add = (index: number) =>
      generator.insert(prompts[index] as number[], {
        maxTokens: 24,
        onPrefill: (count, total) => {
          if (count > 0) done.push([index, count, total]);
          if (index === 4 && count > 0) throw new Error('told too much');
        },
      });
    const long = [0, 1, 3, 4].filter((index) => (prompts[index] as number[]).length > 1);
    const early = long.slice(0, 1).map(add);
    const late: number[] = [];
    const removed: number[] = [];
    const { tokens, ends } = await collect(generator, (step) => {
      if (step !== 2) return;
      late.push(...long.slice(1).map(add));
      removed.push(add(0));
      generator.remove(removed[0] as number);
    });
    const fine = long.slice(1).filter((index) => index !== 4);
    expect(early.map((uid) => tokens.get(uid))).toEqual([greedy[long[0] as number]]);
    expect(late.slice(0, fine.length).map((uid) => tokens.get(uid))).toEqual(fine.map((index) => greedy[index]));
    expect(ends.get(late.at(-1) as number)?.error).toEqual(new Error('told too much'));
    expect(tokens.has(removed[0] as number)).toBe(false);
    const longest = Math.max(...long.slice(1).map((index) => (prompts[index] as number[]).length)) - 1;
    expect(calls).toContainEqual([long.length - 1, longest]);
    const lengths = long.map((index) => [index, (prompts[index] as number[]).length] as const);
    expect(done.sort()).toEqual(lengths.map(([index, length]) => [index, length - 1, length]).sort());
    expect(generator.size).toBe(0);
  });

  it('takes a prompt in the turn in which all others end', async () => {
    const generator = new BatchGenerator(model, { maxBatch: 2 });
    const uids = [1, 2, 3, 4].map((index) => generator.insert(prompts[index] as number[], { maxTokens: index }));
    const { tokens } = await collect(generator);
    expect(uids.map((uid) => tokens.get(uid))).toEqual([1, 2, 3, 4].map((index) => greedy[index]?.slice(0, index)));
  });

  it('gives each its own sampler and processors', async () => {
    const processors = makeLogitsProcessors({ repetitionPenalty: 1.3 });
    const alone: number[] = [];
    const cache = makePromptCache(model);
    const options = { maxTokens: 16, sampler: greedySampler, processors, cache, prefillStepSize: 3 };
    for await (const { token } of generateSteps(model, prompt, options)) alone.push(token);
    const generator = new BatchGenerator(model, { prefillStepSize: 3 });
    const plain = generator.insert([28], { maxTokens: 24 });
    const processed = generator.insert(prompt, { maxTokens: 16, processors });
    const drawn = generator.insert([27, 18], { maxTokens: 24, sampler: makeSampler({ temperature: 1 }) });
    const { tokens } = await collect(generator);
    expect(tokens.get(plain)).toEqual(greedy[2]);
    expect(tokens.get(processed)).toEqual(alone);
    expect(tokens.get(drawn)).toHaveLength(24);
  });

  it('gives probabilities, which are freed by the next call', async () => {
    const generator = new BatchGenerator(model);
    generator.insert(prompt, { maxTokens: 4 });
    generator.insert([28], { maxTokens: 4 });
    await generator.next();
    const both = await generator.next();
    for (const { logprobs } of both)
      expect(
        mx
          .exp(logprobs as mx.Array)
          .sum()
          .item(),
      ).toBeCloseTo(1, 5);
    expect(both.map(({ logprobs, token }) => mx.argmax(logprobs as mx.Array).item() === token)).toEqual([true, true]);
    await generator.next();
    expect(both.map(({ logprobs }) => logprobs?.isDisposed)).toEqual([true, true]);
    const [last] = await generator.next();
    generator.close();
    expect([generator.size, last?.logprobs?.isDisposed]).toEqual([0, true]);
  });

  it('goes on from caches, and gives them back', async () => {
    const generator = new BatchGenerator(model);
    const uids = [0, 3].map((index) =>
      generator.insert(prompts[index] as number[], { maxTokens: 10, returnCache: true }),
    );
    generator.insert([28], { maxTokens: 24 });
    const first = await collect(generator);
    for (const [place, index] of [0, 3].entries()) {
      const { cache } = first.ends.get(uids[place] as number) as { cache: Caches };
      const offset = cache[0]?.offset as number;
      const whole = [...(prompts[index] as number[]), ...(greedy[index] as number[]).slice(0, 10)];
      const next = generator.insert(offset === whole.length ? [greedy[index]?.[10] as number] : whole.slice(offset), {
        cache,
        maxTokens: 5,
      });
      const from = offset === whole.length ? 11 : 10;
      expect((await collect(generator)).tokens.get(next)).toEqual(greedy[index]?.slice(from, from + 5));
    }
  });

  it('ends what is removed or aborted, and leaves the others', async () => {
    const generator = new BatchGenerator(model);
    const controller = new AbortController();
    const kept = generator.insert(prompt, { maxTokens: 24 });
    const removed = generator.insert([28], { maxTokens: 24 });
    const aborted = generator.insert([27, 18], { maxTokens: 24, signal: controller.signal });
    const early = generator.insert([1], { signal: AbortSignal.abort('early') });
    const { tokens, ends } = await collect(generator, (step) => {
      if (step === 6) expect(generator.remove(removed)).toBe(true);
      if (step === 8) controller.abort('enough');
    });
    expect(tokens.get(kept)).toEqual(greedy[0]);
    expect(ends.has(removed)).toBe(false);
    expect([ends.get(aborted)?.finishReason, ends.get(aborted)?.error]).toEqual(['abort', 'enough']);
    expect(tokens.get(aborted)).toEqual(greedy[1]?.slice(0, tokens.get(aborted)?.length));
    expect([ends.get(early)?.finishReason, tokens.has(early)]).toEqual(['abort', false]);
    expect(generator.remove(removed)).toBe(false);
  });

  it('gives errors of one sequence to it alone', async () => {
    const generator = new BatchGenerator(model);
    const kept = generator.insert(prompt, { maxTokens: 24 });
    const wrong = generator.insert([28], { processors: makeLogitsProcessors({ logitBias: { 100: 1 } }) });
    const thrown = generator.insert([28], {
      sampler: () => {
        throw new Error('mine');
      },
    });
    const { tokens, ends } = await collect(generator);
    expect(tokens.get(kept)).toEqual(greedy[0]);
    expect(ends.get(wrong)?.error).toBeInstanceOf(ArgumentError);
    expect(ends.get(thrown)).toMatchObject({ finishReason: 'error', error: { message: 'mine' }, token: undefined });
  });

  it('takes turns where caches cannot be shared', async () => {
    const generator = new BatchGenerator(model);
    const limited = () => makePromptCache(model, { maxKvSize: 64 });
    const uids = [0, 1].map((index) =>
      generator.insert(prompts[index] as number[], { maxTokens: 24, cache: limited() }),
    );
    uids.push(generator.insert([28], { maxTokens: 24 }));
    const { tokens } = await collect(generator);
    expect(uids.map((uid) => tokens.get(uid))).toEqual(greedy.slice(0, 3));
  });

  it('refuses what is no prompt, no option, and calls that overlap', async () => {
    const generator = new BatchGenerator(model);
    for (const wrong of [[], [-1], [1.5], 'text', [Number.NaN]]) {
      expect(() => generator.insert(wrong as number[])).toThrow(ArgumentError);
    }
    expect(() => generator.insert([1], { maxTokens: 0 })).toThrow(ArgumentError);
    expect(() => new BatchGenerator(model, { maxBatch: 0 })).toThrow(ArgumentError);
    expect(await generator.next()).toEqual([]);
    generator.insert([1]);
    const first = generator.next();
    await expect(generator.next()).rejects.toThrow(ArgumentError);
    expect(await first).toHaveLength(1);
    generator.close();
  });
});
