import { expect, vi } from 'vitest';
import { tinyModel } from '../../test-support/seeded-model.ts';
import { BatchEngine } from '../batch-engine.ts';
import { NativeEngine } from '../native-engine.ts';
import type { SampleOptions } from '../options.ts';

export const model = tinyModel(1);
export const native = new NativeEngine(model, 'llama');
export const batched = (options: { maxBatch?: number; prefillStepSize?: number } = {}) =>
  BatchEngine.of(native, { maxBatch: 8, prefillStepSize: 4, stopTokens: [], ...options }) as BatchEngine;

export const checked = (options: Partial<SampleOptions>): SampleOptions => ({
  maxTokens: 24,
  prefillStepSize: 4,
  ...options,
});

/** The tokens of an answer, whose cache then has seen them all but for the last one at most. */
export async function tokensOf(
  engine: BatchEngine | NativeEngine,
  tokens: readonly number[],
  options: Partial<SampleOptions> = {},
  cache = engine.newCache(),
): Promise<number[]> {
  const all: number[] = [];
  try {
    for await (const { token } of engine.steps(tokens, cache, checked(options))) all.push(token);
    // The last token may have been computed on, since others went on.
    expect([-1, 0]).toContain(cache.offset - tokens.length - all.length);
  } finally {
    cache.dispose();
  }
  return all;
}

/** The shapes of tokens that the model is called with from now on. */
export function calls(): [rows: number, length: number][] {
  const shapes: [number, number][] = [];
  const forward = model.forward.bind(model);
  vi.spyOn(model, 'forward').mockImplementation((tokens, cache) => {
    shapes.push(tokens.shape as [number, number]);
    return forward(tokens, cache);
  });
  return shapes;
}

/** So many turns of the event loop. */
export const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 2));
};
