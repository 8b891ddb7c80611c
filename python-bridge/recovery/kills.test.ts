import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { program, random } from '../test-support/kills.ts';

const env = { PYTHONPATH: fileURLToPath(new URL('../test-support', import.meta.url)), PYTHONDONTWRITEBYTECODE: '1' };

describe('a program whose workers are killed at random moments', () => {
  it.each([1, 2])('gives the same bits as an undisturbed one (seed %i)', async (seed) => {
    const options = { operations: 400, workers: 2, seed, env };
    const undisturbed = await program({ ...options, nextKill: () => null });
    const next = random(seed);
    let left = 3;
    const nextKill = () => (left-- > 0 ? 20 + Math.floor(next() * 30) : null);
    const outcome = await program({ ...options, nextKill });
    // One may hit a worker that has exited already.
    expect(outcome.kills).toBeGreaterThan(0);
    expect(outcome.results).toEqual(undisturbed.results);
  });

  it('loses nothing but what was made with a call that must not be repeated', async () => {
    const options = { operations: 400, workers: 2, seed: 3, opaque: 0.02, env };
    const undisturbed = await program({ ...options, nextKill: () => null });
    let left = 2;
    const outcome = await program({ ...options, nextKill: () => (left-- > 0 ? 60 : null) });
    expect(outcome.kills).toBeGreaterThan(0);
    for (const [i, result] of outcome.results.entries()) {
      if (result === null) expect(outcome.mayBeLost[i]).toBe(true);
      else expect(result).toBe(undisturbed.results[i]);
    }
  });
});
