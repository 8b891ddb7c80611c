import { afterAll, describe, expect, it } from 'vitest';
import { Tensor } from '../../router/tensors/tensor.ts';
import { core as mx, shutdown } from '../index.ts';

afterAll(() => shutdown());

/** A compiled function, and how often it was traced. */
function counted<Args extends unknown[]>(body: (...args: Args) => mx.Array, options: object = {}) {
  const counts = { traced: 0 };
  const fun = mx.compile((...args: Args) => {
    counts.traced++;
    return body(...args);
  }, options);
  return { fun: fun as unknown as (...args: Args) => mx.Array, counts };
}

const sumOf = (tree: unknown): mx.Array => {
  if (tree instanceof Tensor) return tree.sum().astype(mx.float32);
  if (typeof tree === 'number') return mx.array(tree);
  const parts = Array.isArray(tree) ? tree : Object.values(tree as object);
  return parts.reduce<mx.Array>((sum, part) => sum.add(part === undefined ? 100 : sumOf(part)), mx.array(0));
};

describe('a call after one of the same function', () => {
  const one = mx.ones([2]);
  // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
  const holed = [, one];
  const changes: [string, unknown, unknown, boolean][] = [
    ['the same', { a: one, b: [one, 3] }, { a: one, b: [one, 3] }, true],
    ['other values', [mx.ones([2])], [mx.zeros([2])], true],
    ['another shape', [one], [mx.ones([3])], false],
    ['another rank', [one], [mx.ones([1, 2])], false],
    ['another dtype', [one], [mx.ones([2], mx.int32)], false],
    ['another constant', [one, 3], [one, 4], false],
    ['zero and minus zero', [one, 0], [one, -0], false],
    ['an array for a constant', [one, 1], [one, one], false],
    ['a constant for an array', [one, one], [one, 1], false],
    ['a longer list', [one], [one, one], false],
    ['a shorter list', [one, one], [one], false],
    ['a list for an object', { 0: one }, [one], false],
    ['an object for a list', [one], { 0: one }, false],
    ['another key', { a: one, b: one }, { a: one, c: one }, false],
    ['keys in another order', { a: one, b: 2 }, { b: 2, a: one }, false],
    ['an array in a hole', holed, [one, one], false],
  ];
  it.each(changes)('%s', (_, first, second, isAlike) => {
    const { fun, counts } = counted(sumOf as (tree: unknown) => mx.Array);
    for (const tree of [first, second, first, second]) expect(fun(tree).item()).toBe(sumOf(tree).item());
    expect(counts.traced).toBe(isAlike ? 1 : 2);
  });

  it.each(changes)('%s, captured', (_, first, second, isAlike) => {
    const inputs: { state: unknown } = { state: first };
    const { fun, counts } = counted(() => sumOf(inputs.state), { inputs });
    for (const tree of [first, second, first, second]) {
      inputs.state = tree;
      expect(fun().item()).toBe(sumOf(tree).item());
    }
    expect(counts.traced).toBe(isAlike ? 1 : 2);
  });

  it('of any sizes, where shapes do not count', () => {
    const { fun, counts } = counted((x: mx.Array) => x.add(1).sum(), { shapeless: true });
    expect([fun(mx.ones([2])).item(), fun(mx.ones([5])).item(), fun(mx.ones([2, 2])).item()]).toEqual([4, 10, 8]);
    expect(counts.traced).toBe(2);
  });

  it('writes to the lists that are there now, not to those of the call before', () => {
    const state: { list: mx.Array[] } = { list: [mx.array(1)] };
    const { fun, counts } = counted(
      () => {
        state.list[0] = (state.list[0] as mx.Array).add(1);
        return state.list[0];
      },
      { inputs: state, outputs: state },
    );
    const before = state.list;
    expect([fun().item(), fun().item()]).toEqual([2, 3]);
    state.list = [mx.array(10)];
    expect([fun().item(), fun().item()]).toEqual([11, 12]);
    expect([before[0]?.item(), state.list[0]?.item(), counts.traced]).toEqual([3, 12, 1]);
  });

  it('finds what the function itself put into its state', () => {
    const state: Record<string, mx.Array> = { count: mx.array(0) };
    const { fun, counts } = counted(
      () => {
        state['total'] = (state['total'] ?? mx.array(5)).add(1);
        state['count'] = (state['count'] as mx.Array).add(1);
        return state['total'];
      },
      { inputs: state, outputs: state },
    );
    expect([fun().item(), fun().item(), fun().item()]).toEqual([6, 7, 8]);
    expect([state['count']?.item(), state['total']?.item(), counts.traced]).toEqual([3, 8, 2]);
  });
});
