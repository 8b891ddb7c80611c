import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { FreedBuffers } from './freed-buffers.ts';

afterAll(() => shutdown());

const MIB = 2 ** 20;

/** What MLX keeps after a step whose buffers have these sizes in bytes. */
function step(freed: FreedBuffers, sizes: readonly number[]): number {
  const arrays = sizes.map((bytes) => mx.ones([bytes / 4]));
  mx.eval(arrays);
  for (const array of arrays) array.dispose();
  freed.trim();
  return mx.getCacheMemory();
}

describe('what is kept of freed buffers', () => {
  beforeEach(() => mx.clearCache());

  it('stays small where each step has buffers of a new size', () => {
    const freed = new FreedBuffers();
    const kept = Array.from({ length: 100 }, (_, i) => step(freed, [MIB + i * 2 ** 15]));
    expect(Math.max(...kept)).toBeLessThanOrEqual(16 * MIB);
    // It is not emptied at each step either.
    expect(kept.filter((bytes) => bytes === 0).length).toBeLessThan(20);
  });

  it('stays where steps use it over and over, however large it is', () => {
    const freed = new FreedBuffers();
    const sizes = [24 * MIB, 4 * MIB];
    step(freed, sizes);
    for (let i = 0; i < 10; i++) expect(step(freed, sizes)).toBeGreaterThanOrEqual(28 * MIB);
  });

  it('is given back after a step that left more than others', () => {
    const freed = new FreedBuffers();
    for (let i = 0; i < 3; i++) step(freed, [MIB]);
    expect(step(freed, [24 * MIB])).toBe(0);
    // The first step after that is larger as well, and does not become the measure.
    step(freed, [24 * MIB]);
    expect(step(freed, [MIB])).toBeLessThanOrEqual(2 * MIB);
  });
});
