import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { type Embedder, loadEmbedder } from './embedder.ts';
import { writeTinyEncoder } from './test-support/tiny-encoder.ts';
import { root } from './tokenizer/test-support/samples.ts';

let embedder: Embedder;

beforeAll(async () => {
  embedder = await loadEmbedder(writeTinyEncoder(3));
});
afterAll(() => {
  embedder.dispose();
  rmSync(root, { recursive: true });
});

const texts = ['a', 'the quick brown fox jumps over the lazy dog', '', 'two words', 'x '.repeat(100)];

describe('embeddings', () => {
  it('are those of each text alone, in the order of the texts, however many are computed at once', async () => {
    const alone: number[][] = [];
    for (const text of texts) alone.push(...((await embedder.embed([text])).tolist() as number[][]));
    expect(new Set(alone.map(String)).size).toBe(texts.length);
    for (const batchSize of [1, 2, 32]) {
      const vectors = await embedder.embed(texts, { batchSize });
      expect(vectors.shape).toEqual([texts.length, 32]);
      for (const [i, vector] of (vectors.tolist() as number[][]).entries()) {
        vector.forEach((value, k) => {
          expect(value).toBeCloseTo(alone[i]?.[k] as number, 5);
        });
      }
    }
  });

  it('of a text that is too long are those of its beginning, between the same tokens', async () => {
    const [long, longer] = (await embedder.embed(['x '.repeat(100), 'x '.repeat(300)])).tolist() as number[][];
    longer?.forEach((value, k) => {
      expect(value).toBeCloseTo(long?.[k] as number, 5);
    });
  });

  it('tell how far they are, and end when they are told to', async () => {
    const done: number[] = [];
    await embedder.embed(texts, { batchSize: 2, onProgress: (count, total) => done.push(count, total) });
    expect(done).toEqual([2, 5, 4, 5, 5, 5]);
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(embedder.embed(texts, { signal })).rejects.toBe(reason);
  });

  it.each<[string, unknown, object]>([
    ['no text', [], {}],
    ['what is no text', ['a', 7], {}],
    ['what is no list', 'a', {}],
    ['batches of nothing', ['a'], { batchSize: 0 }],
    ['an unknown option', ['a'], { batch: 3 }],
  ])('refuse %s', async (_, given, options) => {
    await expect(embedder.embed(given as string[], options)).rejects.toThrow(ArgumentError);
  });
});
