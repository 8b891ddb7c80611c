import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ArgumentError, DisposedError, OperationError } from '../../foundation/errors/errors.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { golden, prompt, prompts } from '../test-support/golden.ts';
import { tinyModel } from '../test-support/seeded-model.ts';
import { BatchEngine } from './batch-engine.ts';
import { NativeEngine } from './native-engine.ts';
import { batched, model, tokensOf, turns } from './test-support/batches.ts';

afterAll(() => shutdown());
afterEach(() => vi.restoreAllMocks());

const greedy: number[][] = golden.generation.greedy;

describe('what goes wrong in a batch', () => {
  it('fails alone: a sampler that throws, and scores that are no numbers', async () => {
    const engine = batched();
    const kept = tokensOf(engine, prompt);
    const thrown = tokensOf(engine, [28], { temperature: 1, topK: 5000 });
    await expect(thrown).rejects.toThrow(ArgumentError);
    expect(await kept).toEqual(greedy[0]);

    const broken = tinyModel(1);
    const weights = broken.parameters() as { model: { embed_tokens: { weight: mx.Array } } };
    const { weight } = weights.model.embed_tokens;
    const spoilt = weight.at(99).multiply(Number.NaN);
    broken.loadWeights([['model.embed_tokens.weight', spoilt]], { strict: false });
    const nan = BatchEngine.of(new NativeEngine(broken, 'llama'), { maxBatch: 8, prefillStepSize: 4, stopTokens: [] });
    const others = prompts.map((tokens) => tokensOf(nan as BatchEngine, tokens));
    await expect(tokensOf(nan as BatchEngine, [3, 99, 4])).rejects.toThrow(OperationError);
    expect(await Promise.all(others)).toEqual(greedy);
  });

  it('ends all: the batch is disposed, or the model fails; and what comes after is computed', async () => {
    const engine = batched();
    const disposed = tokensOf(engine, prompt, { maxTokens: 1000 });
    setTimeout(() => engine.dispose(), 10);
    await expect(disposed).rejects.toThrow(DisposedError);
    await engine.idle();
    vi.spyOn(model, 'forward').mockImplementation(() => {
      throw new Error('no memory');
    });
    await expect(Promise.all([tokensOf(engine, prompt), tokensOf(engine, [28])])).rejects.toThrow('no memory');
    vi.restoreAllMocks();
    expect(await tokensOf(engine, prompt)).toEqual(greedy[0]);
  });

  it('leaves nothing behind', async () => {
    const engine = batched();
    const round = async () => {
      const leaving = new AbortController();
      const all = prompts.map((tokens) => tokensOf(engine, tokens));
      const left = tokensOf(engine, prompt, { signal: leaving.signal, maxTokens: 1000 }).catch(() => undefined);
      await turns(4);
      leaving.abort();
      await Promise.all([...all, left]);
      await engine.idle();
    };
    await round();
    const before = mx.getActiveMemory();
    for (let i = 0; i < 4; i++) await round();
    expect(mx.getActiveMemory() - before).toBeLessThan(20_000);
  });
});
