import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { LanguageModel } from '../language-model.ts';
import { load } from '../load.ts';
import { writeTinyModel } from '../test-support/tiny-model.ts';
import type { PromptCache } from './engine.ts';
import { loadPromptCache, savePromptCache } from './prompt-caches.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-prompt-caches-'));
const file = join(root, 'cache.safetensors');
let model: LanguageModel;
let other: LanguageModel;

beforeAll(async () => {
  writeTinyModel(join(root, 'model'));
  writeTinyModel(join(root, 'other'), { num_hidden_layers: 1 });
  model = await load(join(root, 'model'));
  other = await load(join(root, 'other'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('what a model has seen', () => {
  it('goes on after it was written and read', async () => {
    const beginning = model.tokens('Once upon a time, ');
    const cache = await model.newCache();
    await model.generate(beginning, { maxTokens: 1, cache });
    expect([cache.offset, cache.tokens]).toEqual([beginning.length, beginning]);
    await savePromptCache(file, cache, { model: 'tiny' });
    cache.dispose();

    const whole = await model.generate([...beginning, 70, 71], { maxTokens: 10 });
    for (let reader = 0; reader < 2; reader++) {
      const read = await loadPromptCache(file, model);
      expect(read).toMatchObject({ offset: beginning.length, tokens: beginning, metadata: { model: 'tiny' } });
      const answer = await model.generate([70, 71], { maxTokens: 10, cache: read });
      expect(answer.tokens).toEqual(whole.tokens);
      expect(answer.statistics).toMatchObject({ cachedTokens: beginning.length, promptTokens: 2 });
      expect(read.tokens).toEqual([...beginning, 70, 71, ...whole.tokens].slice(0, read.offset));
      expect(await read.trim(3)).toBe(3);
      expect(read.tokens).toHaveLength(read.offset);
      read.dispose();
    }
  });

  it('of a conversation goes on in another session, of which only what is new is computed', async () => {
    using chat = model.chat({ system: 'Be brief.', maxTokens: 6 });
    await chat.send('Hello');
    await savePromptCache(file, chat.cache as PromptCache);
    const expected = await chat.send('And then?');
    using again = model.chat({
      maxTokens: 6,
      messages: chat.messages.slice(0, 3),
      cache: await loadPromptCache(file, model),
    });
    const answer = await again.send('And then?');
    expect(answer.tokens).toEqual(expected.tokens);
    expect(answer.statistics.cachedTokens).toBeGreaterThan(20);
    using elsewhere = model.chat({ maxTokens: 6, cache: await loadPromptCache(file, model) });
    const alone = await model.generate([{ role: 'user', content: 'Hi' }], { maxTokens: 6 });
    expect((await elsewhere.send('Hi')).tokens).toEqual(alone.tokens);
  });
});

describe('a cache is refused', () => {
  const write = async (metadata: Record<string, string> = {}) => {
    const cache = await model.newCache();
    await model.generate('abc', { maxTokens: 1, cache });
    await savePromptCache(file, cache, metadata);
    return cache;
  };

  it('of another model, in a file and in memory', async () => {
    const cache = await write();
    await expect(loadPromptCache(file, other)).rejects.toThrow('it has caches for 2 layers, and this one has 1');
    await expect(other.generate('a', { cache })).rejects.toThrow('expected a cache of this model');
    await expect(other.generate('a', { cache: {} as PromptCache })).rejects.toThrow(ArgumentError);
  });

  it('of which the tokens are not known, by a session', async () => {
    const [arrays, texts] = await mx.loadAsync(file, { format: 'safetensors', returnMetadata: true });
    const rest = Object.fromEntries(Object.entries(texts).filter(([name]) => name !== '0.mlx_router.tokens'));
    await mx.saveSafetensorsAsync(file, arrays, rest);
    const cache = await loadPromptCache(file, model);
    expect([cache.offset, cache.tokens]).toEqual([3, undefined]);
    expect(() => model.chat({ cache })).toThrow('expected a cache of which the tokens are known');
    expect((await model.generate('d', { maxTokens: 2, cache })).tokens).toHaveLength(2);
    for (const damaged of ['[1, 2, 3, 4]', '{}', '[-1]', '[1', '[1.5]']) {
      await mx.saveSafetensorsAsync(file, arrays, { ...rest, '0.mlx_router.tokens': damaged });
      await expect(loadPromptCache(file, model)).rejects.toThrow(FileError);
    }
  });

  it('where there is none, or nothing that could take it', async () => {
    writeFileSync(file, 'no cache');
    await expect(loadPromptCache(file, model)).rejects.toThrow();
    await expect(loadPromptCache(join(root, 'absent'), model)).rejects.toThrow(FileError);
    await expect(loadPromptCache('', model)).rejects.toThrow('expected the path of a file, received the string ""');
    await expect(loadPromptCache(file, null as never)).rejects.toThrow('expected the model that is to go on');
    await expect(savePromptCache(7 as never, await model.newCache())).rejects.toThrow(ArgumentError);
    await expect(savePromptCache(file, null as never)).rejects.toThrow('expected a cache of model.newCache');
    const remote = { offset: 2, trim: () => 0, dispose: () => undefined };
    await expect(savePromptCache(file, remote)).rejects.toThrow(UnsupportedOperationError);
    await expect(savePromptCache(file, await model.newCache(), { a: 7 } as never)).rejects.toThrow(ArgumentError);
  });
});
