import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import type { PromptCache } from '../engines/engine.ts';
import { PromptStore } from './prompt-store.ts';
import { clientOf, isFree, model, other, until } from './test-support/servers.ts';

/** What was made and not freed. */
const alive = new Set<PromptCache>();

function cacheOf(offset: number, nbytes = 10, canTrim = true): PromptCache {
  let seen = offset;
  const cache: PromptCache = {
    get offset() {
      return seen;
    },
    nbytes,
    trim(count) {
      if (!canTrim) return 0;
      seen -= count;
      return count;
    },
    copy: () => cacheOf(seen, nbytes, canTrim),
    dispose: () => void alive.delete(cache),
  };
  alive.add(cache);
  return cache;
}

/** How many tokens are found of these. */
async function found(store: PromptStore, tokens: readonly number[]): Promise<number> {
  const cache = await store.find(tokens);
  const length = cache?.offset ?? 0;
  cache?.dispose();
  return length;
}

describe('a store of prompts', () => {
  it('gives the longest beginning, but for the last token', async () => {
    const store = new PromptStore(4, 1000);
    store.add([1, 2, 3], cacheOf(3));
    store.add([1, 5, 6, 7], cacheOf(4));
    for (const [tokens, length] of [
      [[1, 2, 3, 4], 3],
      [[1, 2, 3], 2],
      [[1, 2, 9], 2],
      [[1, 5, 6, 9], 3],
      [[1, 9], 1],
      [[1], 0],
      [[2, 3], 0],
    ] as const) {
      expect(await found(store, tokens)).toBe(length);
    }
    store.clear();
    expect(alive.size).toBe(0);
  });

  it('keeps the longer of two that begin alike, and those that were used last', async () => {
    const store = new PromptStore(2, 1000);
    store.add([1, 2], cacheOf(2));
    store.add([1, 2, 3], cacheOf(3));
    store.add([1], cacheOf(1));
    expect([store.size, alive.size]).toEqual([1, 1]);
    store.add([5, 6], cacheOf(2));
    expect(await found(store, [1, 2, 3, 4])).toBe(3);
    store.add([7, 8], cacheOf(2));
    expect(await found(store, [5, 6, 1])).toBe(0);
    expect(await found(store, [1, 2, 3, 4])).toBe(3);
    expect([store.size, alive.size]).toEqual([2, 2]);
    store.clear();
    expect([store.size, store.nbytes, alive.size]).toEqual([0, 0, 0]);
  });

  it('holds no more bytes than it may, and nothing that it cannot count or use', async () => {
    const store = new PromptStore(10, 25);
    store.add([1, 1], cacheOf(2, 10));
    store.add([2, 2], cacheOf(2, 10));
    store.add([3, 3], cacheOf(2, 10));
    expect([store.size, store.nbytes, alive.size]).toEqual([2, 20, 2]);
    store.add([4, 4], cacheOf(2, 26));
    store.add([], cacheOf(0));
    store.add([5, 5], { ...cacheOf(2), nbytes: undefined as never });
    expect(store.size).toBe(2);
    store.clear();
    alive.clear();
    const rotating = new PromptStore(10, 1000);
    rotating.add([1, 2, 3], cacheOf(3, 10, false));
    expect([await found(rotating, [1, 2, 9]), await found(rotating, [1, 2, 3, 4])]).toEqual([0, 3]);
    rotating.clear();
    for (const off of [new PromptStore(0, 1000), new PromptStore(10, 0)]) {
      expect(off.capacity).toBe(0);
      off.add([1, 2], cacheOf(2));
    }
    expect(alive.size).toBe(0);
  });
});

describe('a conversation', () => {
  const messages = [{ role: 'user' as const, content: 'Tell me of the sea, of the land, and of the sky.' }];

  it('computes only what is new, tells how much was not, and answers as if it had computed all', async () => {
    const client = clientOf(await other(model));
    const first = await client.chat.completions.create({ model: 'tiny', messages, max_tokens: 10 });
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const said = { role: 'assistant' as const, content: first.choices[0]?.message.content ?? '' };
    const more = [...messages, said, { role: 'user' as const, content: 'Go on.' }];
    const ask = () => client.chat.completions.create({ model: 'tiny', messages: more, max_tokens: 10 });
    const second = await ask();
    const beginning = model.tokens(messages).length;
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThanOrEqual(beginning);
    const again = await ask();
    expect(again.usage?.prompt_tokens_details?.cached_tokens).toBe((again.usage?.prompt_tokens ?? 0) - 1);
    const expected = (await model.generate(more, { maxTokens: 10 })).text;
    expect([second, again].map(({ choices }) => choices[0]?.message.content)).toEqual([expected, expected]);
    const completion = { model: 'tiny', prompt: model.tokens(more), max_tokens: 3, stop: 'zzz' };
    expect((await client.completions.create(completion)).usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(
      0,
    );
    const input = { model: 'tiny', input: 'Tell me of the sea, of the land, and of fire.', max_output_tokens: 3 };
    const { usage } = await client.responses.create(input);
    expect(usage?.input_tokens_details.cached_tokens).toBeGreaterThan(20);
  });

  it('that begin alike share what they begin with, at the same time', async () => {
    const client = clientOf(await other(model));
    const ask = (end: string) =>
      client.completions.create({ model: 'tiny', prompt: `The beginning of all ${end}`, max_tokens: 8 });
    await ask('.');
    const ends = ['stories', 'songs', 'is', 'was here'];
    const answers = await Promise.all(ends.map(ask));
    for (const [i, { choices, usage }] of answers.entries()) {
      expect(usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThanOrEqual(21);
      expect(choices[0]?.text).toBe((await model.generate(`The beginning of all ${ends[i]}`, { maxTokens: 8 })).text);
    }
  });

  it('is kept within the bytes it may take, and freed when the server closes', async () => {
    const bytesWith = async (options: object, count: number): Promise<number> => {
      mx.clearCache();
      const before = mx.getActiveMemory();
      const server = await other(model, options);
      const client = clientOf(server);
      for (let i = 0; i < count; i++) {
        await client.completions.create({ model: 'tiny', prompt: `${i} and many more`, max_tokens: 4 });
      }
      await until(() => isFree(server));
      const held = mx.getActiveMemory() - before;
      await server.close();
      expect(mx.getActiveMemory() - before).toBeLessThan(2000);
      return held;
    };
    await bytesWith({}, 2);
    const one = 2 * 2 * 256 * 2 * 8 * 4;
    expect(await bytesWith({ promptCacheSize: 3 }, 6)).toBeGreaterThan(2.5 * one);
    expect(await bytesWith({ promptCacheSize: 3 }, 6)).toBeLessThan(3.5 * one);
    expect(await bytesWith({ promptCacheBytes: 1.5 * one }, 6)).toBeLessThan(1.5 * one);
    expect(await bytesWith({ promptCacheSize: 0 }, 6)).toBeLessThan(2000);
  });
});
