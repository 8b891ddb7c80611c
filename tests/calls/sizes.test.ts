import { describe, expect, it } from 'vitest';
import { ArgumentError, configure, core as mx } from '../../mlx/index.ts';

const MOST = 2 ** 31 - 1;
const ones = (length: number): number[] => new Array<number>(length).fill(1);
// It claims to have more items than can be walked over.
// biome-ignore lint/suspicious/noExplicitAny: it is passed to where no list of that kind belongs
const claimed: any = [];
claimed.length = 2 ** 32 - 1;

const CALLS: readonly [string, () => unknown][] = [
  ['tri without columns', () => mx.tri(MOST, 0)],
  ['eye without columns', () => mx.eye(MOST, 0)],
  ['diff', () => mx.diff(mx.ones([3]), MOST)],
  ['split of nothing', () => mx.split(mx.zeros([0]), MOST)],
  ['ones of many dimensions', () => mx.ones(ones(100_000))],
  ['reshape to many dimensions', () => mx.reshape(mx.ones([1]), ones(65))],
  ['eval of a list that claims to be long', () => mx.eval(claimed)],
  ['compile of one', () => mx.compile((x: mx.Array) => x)(claimed)],
  ['grad of one', () => mx.grad((x: mx.Array) => mx.sum(x))(claimed)],
  ['pad by one', () => mx.pad(mx.ones([2]), claimed)],
  ['hadamardTransform of 60', () => mx.hadamardTransform(mx.ones([60]))],
  ['hadamardTransform of 1000, mapped', () => mx.vmap((x: mx.Array) => mx.hadamardTransform(x))(mx.ones([2, 1000]))],
  ['gatherQqmm without scales', () => mx.gatherQqmm(mx.ones([8, 64]), mx.zeros([64, 8], mx.uint32), null)],
];

it.each(CALLS)('%s is refused before it starts', (_, call) => {
  expect(call).toThrow(ArgumentError);
});

it('asyncEval of a list that claims to be long is refused', async () => {
  await expect(mx.asyncEval(claimed)).rejects.toThrow(ArgumentError);
});

it('evaluates no list that holds one list many times over without end', () => {
  let list: unknown[] = [mx.ones([1])];
  for (let i = 0; i < 60; i++) list = [list, list];
  // biome-ignore lint/suspicious/noExplicitAny: nested deeper than a type can say
  expect(() => mx.eval(list as any)).toThrow(/at most 4194304 parts/);
});

describe.each(['native', 'python'] as const)('on %s', (side) => {
  it('no operation gives more than 64 dimensions', () => {
    configure({ preferNative: side === 'native' });
    try {
      const axes = Array.from({ length: 64 }, (_, axis) => axis);
      expect(() => mx.expandDims(mx.ones([1]), axes)).toThrow(/at most 64 dimensions, received 65/);
      expect(mx.sum(mx.ones(ones(64))).item()).toBe(1);
    } finally {
      configure({ preferNative: true });
    }
  });

  it('transforms the lengths that have a Hadamard matrix', () => {
    const lengths = [2, 12, 24, 20, 28, 56];
    const sums = lengths.map((n) => mx.withImplementation(side, () => mx.hadamardTransform(mx.ones([n]), 1).shape));
    expect(sums).toEqual(lengths.map((n) => [n]));
  });
});
