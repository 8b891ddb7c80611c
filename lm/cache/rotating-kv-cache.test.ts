import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { RotatingKVCache } from './rotating-kv-cache.ts';

// That it equals mlx_lm's, with models, is compared in parity-tests/models.

/** One head of one number for each position, which is its own position. */
const positions = (from: number, to: number) => mx.arange(from, to, 1, mx.float32).reshape(1, 1, -1, 1);
const listOf = (array: mx.Array) => array.flatten().tolist();

function fed(cache: RotatingKVCache, ...lengths: number[]): unknown {
  let last: unknown = [];
  for (const length of lengths) {
    const from = cache.offset;
    const [keys, values] = cache.updateAndFetch(
      positions(from, from + length),
      positions(from, from + length).add(0.5),
    );
    last = listOf(keys);
    expect(listOf(values.subtract(0.5))).toEqual(last);
  }
  return last;
}

describe('RotatingKVCache', () => {
  it('overwrites the oldest, and keeps the first', () => {
    expect(fed(new RotatingKVCache(4), 1, 1, 1)).toEqual([0, 1, 2]);
    expect(fed(new RotatingKVCache(4), 1, 1, 1, 1, 1, 1)).toEqual([4, 5, 2, 3]);
    expect(fed(new RotatingKVCache(4, 2), 1, 1, 1, 1, 1)).toEqual([0, 1, 4, 3]);
    expect(fed(new RotatingKVCache(4, 2), 1, 1, 1, 1, 1, 1, 1)).toEqual([0, 1, 6, 5]);
  });

  it('puts many in the order of time, so that the first of them sees as many as fit', () => {
    expect(fed(new RotatingKVCache(4), 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(fed(new RotatingKVCache(4), 6, 1)).toEqual([6, 3, 4, 5]);
    expect(fed(new RotatingKVCache(4), 1, 1, 1, 1, 1, 3)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(fed(new RotatingKVCache(4, 1), 6, 1, 2)).toEqual([0, 5, 6, 7, 8]);
  });

  it('makes the masks of its places', () => {
    const cache = new RotatingKVCache(4);
    expect(cache.makeMask(3)).toBe('causal');
    expect(cache.makeMask(1)).toBe(null);
    fed(cache, 1, 1, 1, 1, 1);
    expect(cache.makeMask(1)).toBe(null);
    // The next position replaces the one at 1, and sees itself and the two before it.
    expect((cache.makeMask(1, { windowSize: 2 }) as mx.Array).tolist()).toEqual([true, true, false, false]);
    expect((cache.makeMask(2) as mx.Array).tolist()).toEqual([
      [true, true, true, true, false],
      [false, true, true, true, true],
    ]);
  });

  it('can be trimmed until something was overwritten', () => {
    const cache = new RotatingKVCache(4);
    fed(cache, 3);
    expect(cache.isTrimmable).toBe(true);
    expect(cache.trim(2)).toBe(2);
    expect(cache.offset).toBe(1);
    expect(fed(cache, 1)).toEqual([0, 1]);
    expect(cache.trim(9)).toBe(2);
    expect(fed(cache, 1, 1, 1, 1)).toEqual([0, 1, 2, 3]);
    expect(cache.isTrimmable).toBe(false);
  });

  it('is made again from its state, and freed', () => {
    const cache = new RotatingKVCache(4, 1);
    expect(cache.state).toBe(undefined);
    expect(cache.nbytes).toBe(0);
    fed(cache, 1, 1, 1, 1, 1);
    const { keys, values, ...rest } = cache.state!;
    expect(rest).toEqual({ offset: 5, keep: 1, maxSize: 4, index: 2 });
    const again = RotatingKVCache.fromState({ keys: mx.array(keys), values: mx.array(values), ...rest });
    expect(again.nbytes).toBe(2 * 4 * 4);
    expect(fed(again, 1)).toEqual(fed(cache, 1));
    cache.dispose();
    expect([cache.offset, cache.arrays.length]).toEqual([0, 0]);
  });

  it.each([
    [0, 0],
    [1.5, 0],
    [Number.NaN, 0],
    [4, -1],
    [4, 4],
    [2 ** 60, 0],
  ])('refuses the sizes %s and %s', (maxSize, keep) => {
    expect(() => new RotatingKVCache(maxSize, keep)).toThrow(ArgumentError);
  });
});
