// The outcome of a call must not depend on the way that it takes: a trailing `{}` has it parsed.
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../mlx/index.ts';

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
