// The outcome of a call must not depend on the way that it takes: a trailing `{}` has it parsed.
import { afterAll, describe, expect, it } from 'vitest';
import { DisposedError, core as mx, registry, shutdown } from '../../mlx/index.ts';
import { camelCase } from '../../registry/naming.ts';

afterAll(() => shutdown());

const DTYPES = [mx.bool, mx.uint8, mx.int32, mx.int64, mx.float16, mx.bfloat16, mx.float32, mx.complex64];
const NUMBERS = [0, -0, 1, -3, 0.1, 1e-45, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY];

/** What a call gives, or the class and text of what it throws. */
function outcome(call: () => mx.Array): unknown {
  try {
    const result = call();
    return [result.dtype.name, result.shape, result.tolist()];
  } catch (error) {
    return String(error);
  }
}

describe('a number beside a tensor', () => {
  it.each(DTYPES)('of %s', (dtype) => {
    const x = mx.array([1, 0, 3]).astype(dtype);
    for (const number of NUMBERS) {
      for (const operation of [mx.multiply, mx.subtract, mx.divide, mx.greater]) {
        expect(outcome(() => operation(x, number))).toEqual(outcome(() => operation(x, number, {})));
        expect(outcome(() => operation(number, x))).toEqual(outcome(() => operation(number, x, {})));
      }
    }
  });

  it('is refused for a disposed one in the same words', () => {
    const x = mx.array([1, 2]);
    x.dispose();
    expect(outcome(() => mx.multiply(x, 2))).toBe(outcome(() => mx.multiply(x, 2, {})));
  });
});

describe('a shape', () => {
  const x = mx.arange(24);
  it.each([
    [[24]],
    [[-1]],
    [[2, -1]],
    [[2, 3, 4]],
    [[1, 2, 3, 4]],
    [[1, 1, 2, 3, 4]],
    [[]],
    [[5]],
    [[-1, -1]],
    [[2, 12.5]],
    [[2 ** 31]],
    [[2 ** 20, 2 ** 20, 2 ** 20]],
    [['a']],
    [[undefined, 24]],
    // biome-ignore lint/suspicious/noSparseArray: what a caller may pass
    [[, 24]],
  ])('of %j', (shape) => {
    expect(outcome(() => mx.reshape(x, shape as number[]))).toEqual(
      outcome(() => mx.reshape(x, shape as number[], {})),
    );
    const one = mx.ones([1]);
    expect(outcome(() => mx.broadcastTo(one, shape as number[]))).toEqual(
      outcome(() => mx.broadcastTo(one, shape as number[], {})),
    );
  });

  it('is read once', () => {
    let reads = 0;
    const shape = [2, 12];
    Object.defineProperty(shape, 0, { get: () => (reads++ === 0 ? 2 : 2 ** 30) });
    expect(mx.reshape(x, shape).shape).toEqual([2, 12]);
  });
});

describe('axes, flags and dtypes', () => {
  const x = mx.arange(24).reshape([2, 3, 4]);
  const calls: [name: string, ...rest: unknown[]][] = [
    ['sum'],
    ...[0, -1, -0, 3, 1.5, 2 ** 31, '1', null, undefined, true, [0, 2], [0, 0], [3], [], [0, 1, 2, 0]].map(
      (axis): [string, unknown] => ['sum', axis],
    ),
    ['sum', 1, true],
    ['sum', 1, 0],
    ['sum', [0, 1], true],
    ['sum', null, true],
    ['sum', 0, true, 1],
    ['mean', 2],
    ['argmax', 1],
    ['argmax', [1]],
    ['softmax', -1],
    ['transpose', [2, 0, 1]],
    ['transpose', [0, 0, 1]],
    ['transpose', 1],
    ['transpose'],
    ['expand_dims', 1],
    ['expand_dims', [0, 2]],
    ['squeeze', 0],
    ['swapaxes', 0, 2],
    ['moveaxis', 0, 5],
    ['flatten', 1],
    ['flatten', 1, 2],
    ['astype', mx.int32],
    ['astype', 'int32'],
    ['abs', 1],
  ];
  it.each(calls)('of %s %j', (name, ...rest) => {
    const functions = mx as unknown as Record<string, (...args: unknown[]) => mx.Array>;
    const call =
      functions[camelCase(name)] ??
      ((a: unknown, ...more: unknown[]) => (a as { astype(...args: unknown[]): mx.Array }).astype(...more));
    expect(outcome(() => call(x, ...rest))).toEqual(outcome(() => call(x, ...rest, {})));
    expect(outcome(() => call(x, ...rest))).toEqual(outcome(() => registry.call(name, x, ...rest, {}) as mx.Array));
  });

  it('reach a disposed array in the same words', () => {
    const disposed = mx.ones([2, 2]);
    disposed.dispose();
    for (const call of [() => mx.sum(disposed, 1), () => mx.reshape(disposed, 4 as never), () => disposed.index(0)]) {
      expect(call).toThrow(DisposedError);
    }
  });

  it('takes no handle for an array', () => {
    expect(() => mx.add(x, x.native as never)).toThrow('expected an array (mx.array) or a number for "b"');
  });
});

describe('an index', () => {
  const x = mx.arange(24).reshape([2, 3, 4]);
  const places = [0, 1, -1, -2, 2, -3, 1.5, 2 ** 31, -0, '0', null, [1], true, undefined];
  const bounds = [null, 0, 1, 2, 5, -1, -2, -5, 2 ** 31 - 1, -(2 ** 31)];
  const parts: unknown[][] = [
    ...places.map((place) => [place]),
    ...bounds.flatMap((start) => bounds.map((stop) => [new mx.Slice(start, stop)])),
    ...[1, 2, -1, 3].map((step) => [new mx.Slice(null, null, step)]),
    ...places.map((place) => [1, place]),
    [0, 2, 3],
    [0, 2, 4],
    [0, -4, 3],
    [0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [],
    [0, new mx.Slice(1, 2)],
  ];
  it('gives the same where it is parsed', () => {
    for (const index of parts) {
      const parsed = outcome(() => registry.call('index', x, index, {}) as mx.Array);
      expect([index, outcome(() => x.index(...(index as [])))]).toEqual([index, parsed]);
    }
  });

  it('of nothing but one number is held against an array without axes, and an empty one', () => {
    expect(() => mx.array(1).index(0)).toThrow('an index of at most 0 parts');
    expect(() => mx.zeros([0, 2]).index(0)).toThrow('from 0 to -1 on axis 0');
    expect(mx.zeros([0, 2]).index(new mx.Slice(0, 5)).shape).toEqual([0, 2]);
  });

  it('has the derivative that it has where it is parsed', () => {
    const ways = [(a: mx.Array) => a.index(-1), (a: mx.Array) => registry.call('index', a, [-1], {}) as mx.Array];
    const [direct, parsed] = ways.map((way) => mx.grad((a: mx.Array) => way(a).square().sum())(x.astype(mx.float32)));
    expect((direct as mx.Array).tolist()).toEqual((parsed as mx.Array).tolist());
  });
});

describe('a nested list of numbers', () => {
  it('gives what a typed array of them gives', () => {
    const numbers = [0.1, -0, Number.NaN, 1e300, 5, 6, 7, 8];
    const flat = mx.array(new Float32Array(numbers));
    expect(mx.array(numbers).tolist()).toEqual(flat.tolist());
    const nested = [
      [numbers.slice(0, 2), numbers.slice(2, 4)],
      [numbers.slice(4, 6), numbers.slice(6)],
    ];
    expect(mx.array(nested).tolist()).toEqual(flat.reshape([2, 2, 2]).tolist());
    expect(mx.array(nested, mx.complex64).tolist()).toEqual(flat.reshape([2, 2, 2]).astype(mx.complex64).tolist());
    const long = Array.from({ length: 3 }, (_, i) => Array.from({ length: 200 }, (_, k) => i * 200 + k));
    expect(mx.array(long).tolist()).toEqual(long);
  });

  it('is refused where it is ragged, and takes what is no number as before', () => {
    expect(() => mx.array([[1, 2], [3]])).toThrow('a ragged one');
    expect(() => mx.array([[1, 2], 3] as never)).toThrow('a ragged one');
    expect(mx.array([[1n, 2n]]).dtype).toBe(mx.int64);
    expect(mx.array([[1, true]]).dtype).toBe(mx.float32);
    expect(mx.array([[], []]).shape).toEqual([2, 0]);
  });

  it('may make another array while it is read', () => {
    const inner: mx.Array[] = [];
    const list = [1, 2, 3];
    Object.defineProperty(list, 2, { get: () => inner.push(mx.array([7, 8, 9, 10])) + 2 });
    expect(mx.array(list).tolist()).toEqual([1, 2, 3]);
    expect(inner[0]?.tolist()).toEqual([7, 8, 9, 10]);
  });
});
