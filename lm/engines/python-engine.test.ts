import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PythonError, UnsupportedOperationError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, shutdown } from '../../mlx/index.ts';
import type { LanguageModel } from '../language-model.ts';
import { load } from '../load.ts';
import { tinyConfig, writeTinyModel } from '../test-support/tiny-model.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'mlx-router-engine-')), 'counter');
let model: LanguageModel;

beforeAll(async () => {
  configure({ pythonFolders: [fileURLToPath(new URL('test-support/stand-in', import.meta.url))], poolSize: 1 });
  writeTinyModel(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...tinyConfig, model_type: 'counter' }));
  model = await load(folder);
});
afterAll(async () => {
  await shutdown();
  rmSync(folder, { recursive: true });
});

describe('an architecture that is not native', () => {
  it('runs in Python, through the same interface', async () => {
    expect(model).toMatchObject({ implementation: 'python', architecture: 'counter', reason: 'unported' });
    const answer = await model.generate([65], { maxTokens: 5, logprobs: 1 });
    expect(answer).toMatchObject({ text: 'BCDEF', tokens: [66, 67, 68, 69, 70], finishReason: 'length' });
    expect(answer.logprobs?.[0]).toBeCloseTo(4 - Math.log(Math.exp(4) + 258), 5);
    expect(answer.statistics).toMatchObject({ implementation: 'python', promptTokens: 1, generatedTokens: 5 });
  });

  it('tells scores, and computes no batches', async () => {
    const scores = await model.logits([65, 70]);
    expect(scores.shape).toEqual([1, 2, 259]);
    expect(mx.argmax(scores, { axis: -1 }).tolist()).toEqual([[66, 71]]);
    await expect(model.generateBatch([[65]])).rejects.toThrow(UnsupportedOperationError);
  });

  it('takes biases and seeds across', async () => {
    expect((await model.generate([65], { maxTokens: 2, logitBias: { 10: 1000 } })).tokens).toEqual([10, 10]);
    const drawn = async (seed: number) =>
      (await model.generate([65], { maxTokens: 12, temperature: 5, seed, logitBias: { 258: -1000 } })).tokens;
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });

  it('ends at the token that ends, though the worker ran ahead, and knows what its cache has seen', async () => {
    const cache = await model.newCache();
    const ended = await model.generate([255], { maxTokens: 100, cache });
    expect(ended.tokens).toEqual([256, 257, 258]);
    expect(cache.offset).toBeGreaterThanOrEqual(4);
    const seen = cache.offset;
    expect(await cache.trim(seen - 2)).toBe(seen - 2);
    expect(cache.offset).toBe(2);
    cache.dispose();
  });

  it('talks, and computes only what is new', async () => {
    using chat = model.chat({ maxTokens: 4 });
    const first = await chat.send('a');
    const second = await chat.send('b');
    expect(second.statistics.cachedTokens).toBeGreaterThan(first.statistics.promptTokens - 2);
  });

  it('puts adapters on', async () => {
    const other = await load(folder, { adapter: '2' });
    expect((await other.generate([65], { maxTokens: 3 })).tokens).toEqual([67, 69, 71]);
    other.dispose();
  });
});

describe('what goes wrong in Python', () => {
  it('while the model is loaded, or while it writes, is a PythonError, and the next answer is right', async () => {
    await expect(model.generate([13])).rejects.toThrow(PythonError);
    await expect(model.generate([13])).rejects.toThrow('this prompt fails');
    expect((await model.generate([65], { maxTokens: 1 })).tokens).toEqual([66]);
    const broken = `${folder}-broken`;
    writeTinyModel(broken);
    writeFileSync(join(broken, 'config.json'), JSON.stringify({ model_type: 'counter', broken: true }));
    await expect(load(broken)).rejects.toThrow('the weights are broken');
    rmSync(broken, { recursive: true });
  });

  it('ends when the signal says so', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = async () => {
      for await (const _ of model.stream([65], { maxTokens: 5000, signal: controller.signal })) {
        controller.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect((await model.generate([65], { maxTokens: 1 })).tokens).toEqual([66]);
  });

  it('as the exit of the worker is a WorkerDiedError, and a model loaded anew works', async () => {
    await expect(model.generate([14])).rejects.toThrow(WorkerDiedError);
    await expect(model.generate([65])).rejects.toThrow(WorkerDiedError);
    using again = await load(folder);
    expect((await again.generate([65], { maxTokens: 1 })).tokens).toEqual([66]);
  });
});
