import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

type Tensor = mx.Array;

/** The derivative of the sum of the results, each times its place from 1 up. */
function slopes(run: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): unknown[] {
  const result = run(...inputs);
  const weights = mx.arange(1, result.size + 1, { dtype: mx.float32 }).reshape(result.shape);
  return mx.vjp((...given: Tensor[]) => [run(...given)], inputs, [weights])[1].map((each) => each.tolist());
}

describe.each(['native', 'python'] as const)('what MLX gets wrong and both sides correct, %s', (implementation) => {
  const here = (name: string, body: () => void) => it(name, () => mx.withImplementation(implementation, body));
  const rows = () => mx.arange(10, { dtype: mx.float32 }).reshape([5, 2]);

  here('exclusive or of bools that nobody holds', () => {
    const [a, b] = [
      [true, false, true, false],
      [true, true, false, false],
    ];
    const result = mx.bitwiseXor(mx.logicalNot(mx.array(a)), mx.logicalNot(mx.array(b)));
    expect(result.tolist()).toEqual([false, true, true, false]);
    expect(result.dtype).toBe(mx.bool);
  });

  here('a slice of one element that steps backwards', () => {
    const backwards = (x: Tensor) => x.index(new mx.Slice(0, null, -1));
    expect(slopes(backwards, mx.array([5, 6]))).toEqual([[1, 0]]);
    expect(mx.vmap(backwards)(mx.ones([2, 1])).shape).toEqual([2, 1]);
    const [, value] = slopes((x, y) => mx.indexAdd(x, [new mx.Slice(0, null, -1)], y), mx.ones([2]), mx.ones([1]));
    expect(value).toEqual([1]);
  });

  here('a reversed axis of one element', () => {
    expect(slopes((x) => mx.flip(x), mx.ones([2, 1]))).toEqual([[[2], [1]]]);
    expect(slopes((x) => mx.flip(x, 1), mx.ones([2, 1]))).toEqual([[[1], [2]]]);
    expect(mx.vmap((x: Tensor) => mx.flip(x))(mx.ones([2, 1])).shape).toEqual([2, 1]);
    expect(() => mx.flip(mx.ones([2, 1]), 2)).toThrow(/axis/i);
  });

  here('whole axes written beside index tensors', () => {
    const written = (x: Tensor, y: Tensor) => mx.indexAdd(x, [[1, 2], new mx.Slice()], y);
    expect(slopes(written, rows(), mx.ones([2, 2]))[1]).toEqual([
      [3, 4],
      [5, 6],
    ]);
  });

  here('slices written before index tensors', () => {
    const written = (x: Tensor, y: Tensor) => mx.indexPut(x, [new mx.Slice(0, 2), [1]], y);
    expect(slopes(written, rows(), mx.ones([2, 1]))[1]).toEqual([[2], [4]]);
  });

  here('running extremes of NaN', () => {
    const running = (x: Tensor) => mx.cummax(x, 0);
    expect(running(mx.array([1, Number.NaN, 2])).tolist()).toEqual([1, Number.NaN, Number.NaN]);
    expect(mx.cummin(mx.array([[Number.NaN, 3, 2]]), 1, { reverse: true }).tolist()).toEqual([[Number.NaN, 2, 2]]);
    const [slope] = slopes(running, mx.array([2, 1, 3, Number.NaN]));
    expect(slope).toEqual([3, 0, 3, 0]);
  });

  here('gathering nothing', () => {
    const picked = (x: Tensor) => x.index([0, 1], new mx.Slice(0, 0));
    expect(picked(rows()).shape).toEqual([2, 0]);
    expect(slopes(picked, rows())).toEqual([mx.zeros([5, 2]).tolist()]);
  });

  here('convolutions whose padding has room for the kernel', () => {
    const [x, w] = [mx.ones([1, 3, 1]), mx.array([2]).reshape([1, 1, 1])];
    expect(slopes((a, b) => mx.conv1d(a, b, { padding: 1 }), x, w)).toEqual([[[[4], [6], [8]]], [[[9]]]]);
    const [image, kernel] = [mx.ones([1, 1, 2, 1]), mx.array([3]).reshape([1, 1, 1, 1])];
    expect(slopes((a, b) => mx.conv2d(a, b, { padding: [0, 1] }), image, kernel)).toEqual([[[[[6], [9]]]], [[[[5]]]]]);
  });

  here('convolve with a vector of one element', () => {
    const [x, y] = [mx.array([2]), mx.array([1, 3])];
    for (const mode of ['full', 'valid', 'same'] as const) {
      expect(slopes((a, b) => mx.convolve(a, b, mode), x, y)).toEqual([[7], [2, 4]]);
      expect(slopes((a, b) => mx.convolve(a, b, mode), y, x)).toEqual([[2, 4], [7]]);
    }
    expect(slopes((a, b) => mx.convolve(a, b), mx.array([3]), mx.array([5]))).toEqual([[5], [3]]);
  });
});
