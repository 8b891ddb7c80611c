import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { makeLogitsProcessors } from '../generation/processors.ts';
import { greedySampler, makeSampler } from '../generation/samplers.ts';
import { generateSteps, type StepOptions } from '../generation/steps.ts';
import { golden, prompt, prompts } from '../test-support/golden.ts';
import { tinyConfig, tinyModel } from '../test-support/seeded-model.ts';
import type { Caches, KeyValueCache } from './cache.ts';
import { loadCaches, saveCaches } from './files.ts';
import { KVCache } from './kv-cache.ts';
import { canTrimPromptCache, makePromptCache, trimPromptCache } from './make-cache.ts';
import { makeCacheQuantizer, QuantizedKVCache } from './quantized-kv-cache.ts';
import { RotatingKVCache } from './rotating-kv-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-cache-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await shutdown();
});

const model = tinyModel(1);

async function generated(tokens: readonly number[], options: Partial<StepOptions> = {}, maxTokens = 24) {
  const cache = options.cache ?? makePromptCache(model);
  const all: number[] = [];
  const defaults = { maxTokens, sampler: greedySampler, processors: [], prefillStepSize: 2048 };
  for await (const { token } of generateSteps(model, tokens, { ...defaults, ...options, cache })) all.push(token);
  return { tokens: all, cache };
}

describe('generateSteps', () => {
  it('gives the tokens of mlx_lm', async () => {
    for (const [index, tokens] of prompts.entries()) {
      expect((await generated(tokens)).tokens).toEqual(golden.generation.greedy[index]);
    }
  });

  it('draws the tokens of mlx_lm', async () => {
    mx.random.seed(3);
    const sampler = makeSampler({ temperature: 1, topP: 0.9 });
    const processors = makeLogitsProcessors({ repetitionPenalty: 1.2 });
    expect((await generated(prompt, { sampler, processors })).tokens).toEqual(golden.generation.sampled);
  });

  it('quantizes caches when mlx_lm does', async () => {
    const bits8 = makeCacheQuantizer({ kvBits: 8, kvGroupSize: 32, quantizedKvStart: 0 });
    const first = await generated(prompt, { afterForward: bits8 });
    expect(first.tokens).toEqual(golden.generation.bits8);
    expect(first.cache.map(({ kind }) => kind)).toEqual(['QuantizedKVCache', 'QuantizedKVCache']);
    const bits4 = makeCacheQuantizer({ kvBits: 4, kvGroupSize: 32, quantizedKvStart: 15 });
    const second = await generated(prompt, { afterForward: bits4, prefillStepSize: 4 });
    expect(second.tokens).toEqual(golden.generation.bits4);
    const late = await generated(prompt, { afterForward: makeCacheQuantizer({ kvBits: 4, kvGroupSize: 32 }) });
    expect(late.cache.map(({ kind }) => kind)).toEqual(['KVCache', 'KVCache']);
  });

  it('goes on beyond the positions that a quantized cache has room for', async () => {
    const long = Array.from({ length: 250 }, (_, index) => index % 100);
    const afterForward = makeCacheQuantizer({ kvBits: 8, kvGroupSize: 32, quantizedKvStart: 0 });
    const { tokens, cache } = await generated(long, { afterForward }, 12);
    expect(tokens).toHaveLength(12);
    expect(cache[0]?.arrays[0]?.shape).toEqual([1, 1, 256 + 256, 8]);
  });

  it('goes on from a cache that was trimmed', async () => {
    const { cache } = await generated(prompt, {}, 9);
    const kept = 6;
    expect(trimPromptCache(cache, (cache[0]?.offset as number) - kept)).toBeGreaterThan(0);
    expect((await generated(prompt.slice(kept), { cache })).tokens).toEqual(golden.generation.greedy[0]);
  });
});

describe('caches of a prompt', () => {
  it('are limited where that is asked for', () => {
    expect(makePromptCache(model).map(({ kind }) => kind)).toEqual(['KVCache', 'KVCache']);
    const [limited] = makePromptCache(model, { maxKvSize: 16 });
    expect([(limited as RotatingKVCache).maxSize, (limited as RotatingKVCache).keep]).toEqual([16, 4]);
    for (const maxKvSize of [0, 4, 1.5, Number.NaN]) {
      expect(() => makePromptCache(model, { maxKvSize })).toThrow(ArgumentError);
    }
  });

  it('are trimmed together or not at all', () => {
    const full = RotatingKVCache.fromState({
      keys: mx.zeros([1, 1, 8, 4]),
      values: mx.zeros([1, 1, 8, 4]),
      offset: 20,
      keep: 0,
      maxSize: 8,
      index: 3,
    });
    const plain = KVCache.fromState(mx.zeros([1, 1, 8, 4]), mx.zeros([1, 1, 8, 4]), 5);
    expect(canTrimPromptCache([plain, full])).toBe(false);
    expect(trimPromptCache([plain, full], 2)).toBe(0);
    expect(plain.offset).toBe(5);
    expect([trimPromptCache([plain], 2), trimPromptCache([plain], 9), trimPromptCache([], 1)]).toEqual([2, 3, 0]);
    expect(() => trimPromptCache([plain], -1)).toThrow(ArgumentError);
  });

  it('are quantized with what MLX has', () => {
    for (const options of [{ kvBits: 7 }, { kvBits: 4, kvGroupSize: 48 }, { kvBits: 4, quantizedKvStart: -1 }]) {
      expect(() => makeCacheQuantizer(options)).toThrow(ArgumentError);
    }
    expect(makeCacheQuantizer({})).toBeUndefined();
    const limited: Caches = [new RotatingKVCache(16)];
    expect(() => makeCacheQuantizer({ kvBits: 4, quantizedKvStart: 0 })?.(limited)).toThrow(UnsupportedOperationError);
    expect(new QuantizedKVCache().nbytes).toBe(0);
  });
});

const pythons = fileURLToPath(new URL('../test-support/prompt-cache.safetensors', import.meta.url));

describe('files of caches', () => {
  const contents = (file: string) => {
    const [arrays, texts] = mx.load(file, { format: 'safetensors', returnMetadata: true });
    const shown = Object.entries(arrays).map(([name, array]) => [
      name,
      [array.dtype.name, array.shape, array.tolist()],
    ]);
    return { arrays: Object.fromEntries(shown), texts: { ...texts } };
  };

  it('are those of mlx_lm', async () => {
    const { caches, metadata } = await loadCaches(pythons);
    expect(metadata).toEqual({ model: 'tiny', note: 'a.b' });
    expect(caches.map(({ kind, offset }) => [kind, offset])).toEqual([
      ['KVCache', 5],
      ['RotatingKVCache', 5],
      ['QuantizedKVCache', 5],
    ]);
    const keys = caches.map(({ arrays }) => arrays[0] as mx.Array);
    expect(keys[0]?.tolist()).toEqual(mx.random.normal([1, 1, 5, 8], { key: mx.random.key(20) }).tolist());
    const copy = join(folder, 'copy.safetensors');
    await saveCaches(copy, caches, metadata);
    expect(contents(copy)).toEqual(contents(pythons));
  });

  it.each([{}, { kvBits: 8, kvGroupSize: 32, quantizedKvStart: 0 }])(
    'go on where they were written: %j',
    async (how) => {
      const file = join(folder, 'half.safetensors');
      const afterForward = makeCacheQuantizer(how);
      const half = await generated(prompt, { afterForward }, 12);
      const whole = await generated(prompt, { afterForward });
      // The last token was drawn, and is not in the cache.
      await saveCaches(file, half.cache);
      const { caches } = await loadCaches(file, model);
      const rest = await generated(half.tokens.slice(-1), { cache: caches, afterForward }, 12);
      expect([...half.tokens, ...rest.tokens]).toEqual(whole.tokens);
    },
  );

  it('hold empty caches', async () => {
    const file = join(folder, 'empty.safetensors');
    await saveCaches(file, [new KVCache(), new RotatingKVCache(16, 4), new QuantizedKVCache(32, 4)]);
    const { caches } = await loadCaches(file);
    expect(caches.map(({ offset, arrays }) => [offset, arrays])).toEqual([
      [0, []],
      [0, []],
      [0, []],
    ]);
    expect(caches[2]?.bits).toBe(4);
  });

  it('are refused when they are of other kinds, damaged, or of other models', async () => {
    const file = join(folder, 'other.safetensors');
    const failing = async (texts: Record<string, string>, arrays: Record<string, mx.Array>) => {
      mx.saveSafetensors(file, arrays, texts);
      await expect(loadCaches(file)).rejects.toThrow(FileError);
    };
    const keys = mx.zeros([1, 1, 4, 8]);
    const scalar = { '2.0': '', '2.1.0': '0.2', '2.1.1': 'scalar' };
    await failing({}, { weight: keys });
    await failing({ '1.0': 'ArraysCache', ...scalar }, { '0.0': keys });
    await failing({ '1.0': 'constructor', ...scalar }, { '0.0': keys });
    await failing({ '1.0': 'KVCache', ...scalar }, { '0.0': keys });
    await failing({ '1.0': 'KVCache', ...scalar }, { '0.0': keys, '0.1': keys, '0.2': mx.array(9) });
    await failing({ '1.0': 'KVCache', ...scalar }, { '0.0': keys, '0.1': mx.zeros([4]), '0.2': mx.array(4) });
    await failing({ '1.0': 'KVCache', ...scalar }, { '0.0': keys, '0.1': mx.zeros([1, 1, 5, 8]), '0.2': mx.array(4) });
    writeFileSync(file, readFileSync(pythons).subarray(0, 1500));
    await expect(loadCaches(file)).rejects.toThrow(FileError);
    await expect(loadCaches(join(folder, 'none.safetensors'))).rejects.toThrow(FileError);
    await expect(loadCaches(pythons, model)).rejects.toThrow('3 layers, and this one has 2');
    const wider = tinyModel(1, { ...tinyConfig, num_key_value_heads: 2 });
    const { cache } = await generated(prompt, {}, 2);
    await saveCaches(file, cache);
    await expect(loadCaches(file, wider)).rejects.toThrow('1 heads of 32 and 32 dimensions, and here 2 heads');
  });

  it('are not written of kinds that they do not know', async () => {
    const other = { kind: 'ArraysCache' } as KeyValueCache;
    await expect(saveCaches(join(folder, 'x.safetensors'), [other])).rejects.toThrow(UnsupportedOperationError);
    const wrong = { note: 1 } as unknown as Record<string, string>;
    await expect(saveCaches(join(folder, 'x.safetensors'), [], wrong)).rejects.toThrow(ArgumentError);
  });
});
