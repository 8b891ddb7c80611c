import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, FileError, UnsupportedOperationError } from '../foundation/errors/errors.ts';
import { core as mx } from '../mlx/index.ts';
import type { NativeEngine } from './engines/native-engine.ts';
import type { GenerateOptions } from './generation/options.ts';
import type { LanguageModel } from './language-model.ts';
import { load } from './load.ts';
import { writeTinyModel } from './test-support/tiny-model.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-lm-'));
const folder = join(root, 'tiny');
let model: LanguageModel;

beforeAll(async () => {
  writeTinyModel(folder);
  model = await load(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

/** The most probable tokens one by one, each computed from all before it, without a cache. */
function greedy(prompt: readonly number[], count: number): number[] {
  const { model: network } = model.engine as NativeEngine;
  const tokens = [...prompt];
  for (let i = 0; i < count; i++) {
    const scores = network.forward(mx.array([tokens], mx.int32)).index(0, -1);
    tokens.push(mx.argmax(scores).item() as number);
  }
  return tokens.slice(prompt.length);
}

describe('generation', () => {
  it('gives the tokens of the whole network, with caches and prompts in parts', async () => {
    const prompt = model.tokens('The quick brown fox jumps over the lazy dog');
    const expected = greedy(prompt, 24);
    expect(new Set(expected).size).toBeGreaterThan(3);
    for (const prefillStepSize of [1, 7, 2048]) {
      const { tokens } = await model.generate(prompt, { maxTokens: 24, prefillStepSize });
      expect(tokens).toEqual(expected);
    }
  });

  it('writes piece by piece what it writes whole, and counts', async () => {
    const answer = await model.generate('abc', { maxTokens: 12 });
    const pieces: string[] = [];
    for await (const { text } of model.stream('abc', { maxTokens: 12 })) pieces.push(text);
    expect(pieces.join('')).toBe(answer.text);
    expect(pieces).toHaveLength(12);
    expect(answer).toMatchObject({
      finishReason: 'length',
      statistics: { implementation: 'native', promptTokens: 3, cachedTokens: 0, generatedTokens: 12 },
    });
  });

  it('draws the same tokens of the same seed, with their probabilities', async () => {
    const options: GenerateOptions = { maxTokens: 16, temperature: 1.5, topK: 50, seed: 3, logprobs: 2 };
    const [one, two] = [await model.generate('x', options), await model.generate('x', options)];
    expect(one.tokens).toEqual(two.tokens);
    expect((await model.generate('x', { ...options, seed: 4 })).tokens).not.toEqual(one.tokens);
    for await (const { token, logprob, topLogprobs } of model.stream('x', { maxTokens: 3, logprobs: 2 })) {
      expect(topLogprobs).toHaveLength(2);
      expect(topLogprobs?.[0]).toEqual([token, logprob]);
      expect(logprob).toBeLessThan(0);
    }
  });

  it('ends at a token that ends, and at a text', async () => {
    const { tokens, text } = await model.generate('abc', { maxTokens: 12 });
    const bias = { [258]: 1e9 };
    const ended = await model.generate('abc', { maxTokens: 12, logitBias: bias });
    expect(ended).toMatchObject({ text: '', tokens: [258], finishReason: 'stop' });
    const stop = text.slice(3, 5);
    const stopped = await model.generate('abc', { maxTokens: 12, stop });
    expect(stopped).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finishReason: 'stop' });
    expect(stopped.tokens.length).toBeLessThan(tokens.length);
  });

  it('leaves the event loop free, and ends when it is told to', async () => {
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const reason = new Error('enough');
    const run = async () => {
      let count = 0;
      for await (const _ of model.stream('abc', { maxTokens: 100_000, signal: controller.signal })) {
        if (++count === 30) controller.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it('runs several answers at once, each as if alone', async () => {
    const prompts = ['one', 'two and more', '3'];
    const alone: string[] = [];
    for (const prompt of prompts) alone.push((await model.generate(prompt, { maxTokens: 20 })).text);
    const together = await Promise.all(prompts.map((prompt) => model.generate(prompt, { maxTokens: 20 })));
    expect(together.map(({ text }) => text)).toEqual(alone);
  });

  it('keeps no arrays of answers that ended, whole or early', async () => {
    const count = async () => {
      for await (const { token } of model.stream('abc', { maxTokens: 40 })) if (token < 0) return;
      for await (const _ of model.stream('abcdef', { maxTokens: 40 })) break;
    };
    await count();
    mx.clearCache();
    const before = mx.getActiveMemory();
    for (let i = 0; i < 10; i++) await count();
    expect(mx.getActiveMemory() - before).toBeLessThan(100_000);
  });
});

describe('a chat', () => {
  it('computes only what is new, and answers as if it had computed all', async () => {
    using chat = model.chat({ maxTokens: 8 });
    const first = await chat.send('Hello');
    const second = await chat.send('And then?');
    expect(chat.messages).toHaveLength(4);
    expect(first.statistics.cachedTokens).toBe(0);
    expect(second.statistics.cachedTokens).toBeGreaterThan(first.statistics.promptTokens - 2);
    const whole = await model.generate([...chat.messages.slice(0, 2), { role: 'user', content: 'And then?' }], {
      maxTokens: 8,
    });
    expect(second.text).toBe(whole.text);
  });

  it('goes on after an answer that was left, one that was refused, and with messages side by side', async () => {
    using chat = model.chat({ maxTokens: 8 });
    for await (const { text } of chat.stream('Hello')) if (text !== '') break;
    const kept = chat.messages.length;
    await expect(chat.send('x', { topP: Number.NaN })).rejects.toThrow(ArgumentError);
    expect(chat.messages).toHaveLength(kept);
    const [one, two] = await Promise.all([chat.send('first'), chat.send('second')]);
    expect(chat.messages.slice(kept).map(({ content }) => content)).toEqual(['first', one.text, 'second', two.text]);
  });
});

describe('refused is', () => {
  it.each<[string, unknown, GenerateOptions, string]>([
    ['an empty prompt', '', {}, 'at least one token'],
    ['an empty list', [], {}, 'at least one token'],
    ['a token that there is not', [1, 259], {}, 'from 0 to 258, received 259'],
    ['a fraction of a token', [0.5], {}, 'received 0.5'],
    ['another kind of prompt', 7, {}, 'expected a text'],
    ['no token', 'a', { maxTokens: 0 }, '"maxTokens"'],
    ['an unknown option', 'a', { maxToken: 3 } as GenerateOptions, 'did you mean "maxTokens"'],
    ['a temperature below 0', 'a', { temperature: -1 }, '"temperature"'],
    ['an empty stop text', 'a', { stop: [''] }, '"stop"'],
    ['what is no signal', 'a', { signal: {} as AbortSignal }, 'AbortSignal'],
  ])('%s', async (_, prompt, options, message) => {
    await expect(model.generate(prompt as string, options)).rejects.toThrow(ArgumentError);
    await expect(model.generate(prompt as string, options)).rejects.toThrow(message);
  });

  it('a model that was disposed, and nothing else of it', async () => {
    const other = await load(folder);
    other.dispose();
    other.dispose();
    await expect(other.generate('a')).rejects.toThrow(DisposedError);
    await expect(model.generate('a', { maxTokens: 1 })).resolves.toBeDefined();
  });
});

describe('a folder', () => {
  it.each<[string, (path: string) => void, string]>([
    ['without a config', (path) => rmSync(join(path, 'config.json')), 'no config.json'],
    ['with a damaged config', (path) => writeFileSync(join(path, 'config.json'), '{'), 'no JSON'],
    ['without weights', (path) => rmSync(join(path, 'model.safetensors')), 'no model*.safetensors'],
    ['with truncated weights', (path) => writeFileSync(join(path, 'model.safetensors'), 'abc'), 'model.safetensors'],
    [
      'whose index leads out of it',
      (path) =>
        writeFileSync(join(path, 'model.safetensors.index.json'), '{"weight_map":{"a":"../model.safetensors"}}'),
      'expected names of .safetensors files',
    ],
    [
      'that lacks a shard',
      (path) => writeFileSync(join(path, 'model.safetensors.index.json'), '{"weight_map":{"a":"model-2.safetensors"}}'),
      'lacks 1 of the 1 files',
    ],
  ])('%s is a FileError', async (_, damage, message) => {
    const path = join(root, 'damaged');
    rmSync(path, { recursive: true, force: true });
    writeTinyModel(path);
    damage(path);
    await expect(load(path)).rejects.toThrow(FileError);
    await expect(load(path)).rejects.toThrow(message);
  });

  it('whose config disagrees with the weights names every one that does', async () => {
    const path = join(root, 'disagrees');
    writeTinyModel(path);
    const { tinyConfig } = await import('./test-support/tiny-model.ts');
    writeFileSync(join(path, 'config.json'), JSON.stringify({ ...tinyConfig, num_hidden_layers: 1 }));
    await expect(load(path)).rejects.toThrow('the module has no parameter "model.layers.1.');
    writeFileSync(join(path, 'config.json'), JSON.stringify({ ...tinyConfig, hidden_size: 'x' }));
    await expect(load(path)).rejects.toThrow('expected a whole number of at least 1 for "hidden_size"');
  });

  it('of an architecture that is not native is refused natively', async () => {
    const path = join(root, 'other');
    writeTinyModel(path);
    const { tinyConfig } = await import('./test-support/tiny-model.ts');
    writeFileSync(join(path, 'config.json'), JSON.stringify({ ...tinyConfig, model_type: 'mamba' }));
    await expect(load(path, { implementation: 'native' })).rejects.toThrow(UnsupportedOperationError);
  });
});
