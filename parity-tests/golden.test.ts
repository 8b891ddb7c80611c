import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../mlx/index.ts';

// Parity shows that two bindings agree; these values, worked out by hand or taken from textbooks and from the pages of
// NumPy, show that what they agree on is right.
afterAll(() => shutdown());

const matrix = [
  [1, 2],
  [3, 4],
];
const int = (values: number | readonly number[] | readonly (readonly number[])[]) =>
  mx.array(values as number[], mx.int32);

type Case = readonly [name: string, make: () => mx.Array, expected: unknown];

const exact: readonly Case[] = [
  ['the sum of 1 to 100 is 5050 (Gauss)', () => mx.sum(mx.arange(1, 101)), 5050],
  ['10! = 3628800', () => mx.prod(mx.arange(1, 11)), 3628800],
  [
    'a product of matrices',
    () =>
      mx.matmul(
        mx.array(matrix),
        mx.array([
          [5, 6],
          [7, 8],
        ]),
      ),
    [
      [19, 22],
      [43, 50],
    ],
  ],
  ['the inner product (1,2,3)·(4,5,6) = 32', () => mx.inner(mx.array([1, 2, 3]), mx.array([4, 5, 6])), 32],
  [
    'an outer product',
    () => mx.outer(mx.array([1, 2]), mx.array([3, 4])),
    [
      [3, 4],
      [6, 8],
    ],
  ],
  ['i × j = k', () => mx.linalg.cross(mx.array([1, 0, 0]), mx.array([0, 1, 0])), [0, 0, 1]],
  [
    '(1,2,3) × (4,5,6), as on the page of numpy.cross',
    () => mx.linalg.cross(mx.array([1, 2, 3]), mx.array([4, 5, 6])),
    [-3, 6, -3],
  ],
  ['running sums', () => mx.cumsum(int([1, 2, 3, 4, 5, 6])), [1, 3, 6, 10, 15, 21]],
  ['running products', () => mx.cumprod(int([1, 2, 3, 4])), [1, 2, 6, 24]],
  ['differences, as on the page of numpy.diff', () => mx.diff(int([1, 2, 4, 7, 0])), [1, 2, 3, -7]],
  ['second differences', () => mx.diff(int([1, 2, 4, 7, 0]), { n: 2 }), [1, 1, -10]],
  ['rounding half to even', () => mx.round(mx.array([0.5, 1.5, 2.5, -0.5, -1.5])), [0, 2, 2, -0, -2]],
  [
    'floor division of floats rounds down',
    () => mx.floorDivide(mx.array([7, -7, 7, -7]), mx.array([2, 2, -2, -2])),
    [3, -4, -4, 3],
  ],
  [
    'the remainder has the divisor’s sign',
    () => mx.remainder(int([7, -7, 7, -7]), int([3, 3, -3, -3])),
    [1, 2, -2, -1],
  ],
  ['3² + 4² = 5²', () => mx.sqrt(mx.add(mx.square(mx.array(3)), mx.square(mx.array(4)))), 5],
  ['integers wrap', () => mx.add(mx.array([255], mx.uint8), mx.array([1], mx.uint8)), [0]],
  [
    'bits: 13 & 17, 13 | 16, 13 ^ 17',
    () => mx.stack([mx.bitwiseAnd(int(13), 17), mx.bitwiseOr(int(13), 16), mx.bitwiseXor(int(13), 17)]),
    [1, 29, 28],
  ],
  ['5 << 2 and 10 >> 1', () => mx.stack([mx.leftShift(int(5), 2), mx.rightShift(int(10), 1)]), [20, 5]],
  [
    'the transpose',
    () => mx.transpose(mx.array(matrix)),
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ['sorting', () => mx.sort(int([3, 1, 2])), [1, 2, 3]],
  ['the order that sorts', () => mx.argsort(int([3, 1, 2])), [1, 2, 0]],
  [
    'the place of the largest',
    () =>
      mx.argmax(
        mx.array([
          [0, 1, 2],
          [10, 11, 12],
        ]),
      ),
    5,
  ],
  ['the median of four', () => mx.median(mx.array([1, 3, 2, 10])), 2.5],
  ['the variance of 2,4,4,4,5,5,7,9 is 4', () => mx.var(mx.array([2, 4, 4, 4, 5, 5, 7, 9])), 4],
  ['the deviation of 2,4,4,4,5,5,7,9 is 2', () => mx.std(mx.array([2, 4, 4, 4, 5, 5, 7, 9])), 2],
  ['the trace', () => mx.trace(mx.array(matrix)), 5],
  ['places in a sorted vector', () => mx.searchsorted(int([1, 2, 3, 4, 5]), int([3, 0, 6])), [2, 0, 5]],
  ['rolled by two', () => mx.roll(int([0, 1, 2, 3, 4]), 2), [3, 4, 0, 1, 2]],
  ['repeated', () => mx.repeat(int([1, 2]), 2), [1, 1, 2, 2]],
  ['tiled', () => mx.tile(int([0, 1, 2]), 2), [0, 1, 2, 0, 1, 2]],
  [
    'triangles',
    () => mx.tril(mx.ones([3, 3])),
    [
      [1, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
    ],
  ],
  ['the transform of an impulse is flat', () => mx.real(mx.fft.fft(mx.array([1, 0, 0, 0]))), [1, 1, 1, 1]],
  ['the transform of a constant is an impulse', () => mx.real(mx.fft.fft(mx.array([1, 1, 1, 1]))), [4, 0, 0, 0]],
  [
    'a convolution of (1,2,3,4) with (1,1)',
    () => mx.reshape(mx.conv1d(mx.array([1, 2, 3, 4]).reshape([1, 4, 1]), mx.ones([1, 2, 1])), [3]),
    [3, 5, 7],
  ],
  ['indices every other way', () => mx.index(int([0, 1, 2, 3, 4]), '::-2'), [4, 2, 0]],
  ['taken', () => mx.take(int([4, 3, 5, 7, 6, 8]), [0, 1, 4]), [4, 3, 6]],
];

/** Within a few units of float32. */
const near: readonly Case[] = [
  ['exp(1) = e', () => mx.exp(mx.array(1)), Math.E],
  ['log(e) = 1', () => mx.log(mx.array(Math.E)), 1],
  ['sin(π/6), cos(π/3)', () => mx.stack([mx.sin(mx.array(Math.PI / 6)), mx.cos(mx.array(Math.PI / 3))]), [0.5, 0.5]],
  ['arctan2(-1, -1) = -3π/4', () => mx.arctan2(mx.array(-1), mx.array(-1)), -2.356194490192345],
  ['erf(1), from tables', () => mx.erf(mx.array(1)), 0.8427007929497149],
  ['the logistic function at 0 and at log 3', () => mx.sigmoid(mx.array([0, Math.log(3)])), [0.5, 0.75]],
  ['softmax of 1,2,3', () => mx.softmax(mx.array([1, 2, 3])), [0.09003057, 0.24472847, 0.66524096]],
  ['log(e¹ + e¹) = 1 + log 2', () => mx.logsumexp(mx.array([1, 1])), 1.6931471805599454],
  ['the determinant of [[1,2],[3,4]] is -2', () => mx.linalg.det(mx.array(matrix)), -2],
  [
    'its inverse',
    () => mx.linalg.inv(mx.array(matrix)),
    [
      [-2, 1],
      [1.5, -0.5],
    ],
  ],
  [
    '3x + y = 9, x + 2y = 8, as on the page of numpy.linalg.solve',
    () =>
      mx.linalg.solve(
        mx.array([
          [3, 1],
          [1, 2],
        ]),
        mx.array([9, 8]),
      ),
    [2, 3],
  ],
  [
    'the eigenvalues of [[2,1],[1,2]]',
    () =>
      mx.linalg.eigvalsh(
        mx.array([
          [2, 1],
          [1, 2],
        ]),
      ),
    [1, 3],
  ],
  [
    'the Cholesky factor of [[4,2],[2,5]]',
    () =>
      mx.linalg.cholesky(
        mx.array([
          [4, 2],
          [2, 5],
        ]),
      ),
    [
      [2, 0],
      [1, 2],
    ],
  ],
  ['the norm of (3,4)', () => mx.linalg.norm(mx.array([3, 4])), 5],
  ['(1,7) to root mean square one: the root of 25 is 5', () => mx.fast.rmsNorm(mx.array([1, 7]), null, 0), [0.2, 1.4]],
];

function flat(value: unknown): number[] {
  return [value].flat(Number.POSITIVE_INFINITY) as number[];
}

describe.each(['native', 'python'] as const)('on %s', (implementation) => {
  it.each(exact)('%s', (_, make, expected) => {
    expect(mx.withImplementation(implementation, () => make().tolist())).toEqual(expected);
  });

  it.each(near)('%s', (_, make, expected) => {
    const values = flat(mx.withImplementation(implementation, () => make().tolist()));
    expect(values).toHaveLength(flat(expected).length);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(flat(expected)[i] as number, 5);
  });
});
