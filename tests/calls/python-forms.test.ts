import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

type Tensor = mx.Array;

describe.each(['native', 'python'] as const)("what Python's functions take and give, %s", (implementation) => {
  const here = (name: string, body: () => void) => it(name, () => mx.withImplementation(implementation, body));

  here('divmod has no derivative, in either result', () => {
    const [a, b] = [mx.array([7.5, 8, 9]), mx.array([2, 3, 4])];
    const ones = mx.ones([3]);
    const both = (x: Tensor, y: Tensor) => mx.divmod(x, y);
    for (const [first, second] of [
      [1, 1],
      [1, 0],
      [0, 1],
    ] as const) {
      const gradients = mx.vjp(both, [a, b], [ones.multiply(first), ones.multiply(second)])[1];
      expect(gradients.map((each) => each.tolist())).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
    }
    expect(mx.jvp(both, [a, b], [ones, ones])[1].map((each) => each.tolist())).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(
      mx
        .grad((x: Tensor) => mx.sum(mx.remainder(x, b)))(a)
        .tolist(),
    ).toEqual([1, 1, 1]);
  });

  here('null for a dtype is the one of its own', () => {
    expect(mx.ones([2], null).dtype).toBe(mx.float32);
    expect(mx.zeros([2], { dtype: null }).dtype).toBe(mx.float32);
    expect(mx.eye(2, null, 0, null).dtype).toBe(mx.float32);
    expect(mx.identity(2, null).dtype).toBe(mx.float32);
    expect(mx.tri(2, null, 0, null).dtype).toBe(mx.float32);
    expect(mx.linspace(0, 1, 3, { dtype: null }).dtype).toBe(mx.float32);
    expect(mx.random.uniform({ shape: [2], dtype: null }).dtype).toBe(mx.float32);
    expect(mx.random.normal([2], { dtype: null }).dtype).toBe(mx.float32);
    expect(mx.random.randint(0, 5, [2], { dtype: null }).dtype).toBe(mx.int32);
    // @ts-expect-error Python takes no None here
    expect(() => mx.ones([1]).astype(null)).toThrow(ArgumentError);
  });

  here('vmap takes the axes of one argument, and of one result', () => {
    const x = mx.arange(6, { dtype: mx.float32 }).reshape([2, 3]);
    expect(
      mx
        .vmap((tree: { a: Tensor }) => mx.sum(tree.a), { a: 1 })({ a: x })
        .tolist(),
    ).toEqual([3, 5, 7]);
    expect(
      mx
        .vmap(
          (tree: Tensor[]) => mx.sum(tree[0] as Tensor),
          [1],
        )([x])
        .tolist(),
    ).toEqual([3, 5, 7]);
    expect(
      mx
        .vmap(
          (tree: Tensor[]) => mx.sum(tree[0] as Tensor),
          [[1]],
        )([x])
        .tolist(),
    ).toEqual([3, 5, 7]);
    expect(mx.vmap((row: Tensor) => row, 0, [1])(x).shape).toEqual([3, 2]);
    expect(
      mx
        .vmap(
          (row: Tensor) => [row],
          0,
          [1],
        )(x)
        .map((each) => each.shape),
    ).toEqual([[3, 2]]);
    expect(() => mx.vmap((tree: { a: Tensor }) => tree.a, { b: 1 })({ a: x })).toThrow(ArgumentError);
  });

  here('bounds of slices are 32-bit integers', () => {
    for (const wrong of [2 ** 31, 2 ** 32, -(2 ** 31) - 1]) {
      for (const slice of [new mx.Slice(0, wrong), new mx.Slice(wrong), new mx.Slice(0, 4, wrong)]) {
        expect(() => mx.arange(4).index(slice)).toThrow(ArgumentError);
      }
      expect(() => mx.arange(4).index(`0:${wrong}`)).toThrow(/slices from -2147483648 to 2147483647/);
    }
    expect(
      mx
        .arange(4)
        .index(new mx.Slice(-(2 ** 31), 2 ** 31 - 1))
        .tolist(),
    ).toEqual([0, 1, 2, 3]);
  });

  here('indices that are floats are refused, empty ones too', () => {
    for (const indices of [mx.zeros([0, 3]), mx.zeros([1, 3])]) {
      expect(() => mx.putAlongAxis(mx.zeros([2, 3]), indices, indices, 0)).toThrow(ArgumentError);
      expect(() => mx.takeAlongAxis(mx.zeros([2, 3]), indices, 0)).toThrow(ArgumentError);
    }
  });

  here('a boolean as the index is every element, or none', () => {
    const x = mx.array([1, 2, 3]);
    expect(mx.array([1, 2, 3]).indexPut_(true, 7).tolist()).toEqual([7, 7, 7]);
    expect(mx.array([1, 2, 3]).indexPut_(false, 7).tolist()).toEqual([1, 2, 3]);
    expect(mx.indexPut(x, true, mx.array([4, 5, 6])).tolist()).toEqual([4, 5, 6]);
    // As in Python, which writes there and does not read.
    // @ts-expect-error a boolean is no index to read by
    expect(() => x.index(true)).toThrow(ArgumentError);
  });

  it('asyncEval is refused inside of a transform', async () => {
    const failures: unknown[] = [];
    const run = (x: Tensor) => {
      mx.asyncEval(x.multiply(2)).catch((error) => failures.push(error));
      return mx.sum(x);
    };
    mx.withImplementation(implementation, () => {
      const x = mx.array([1, 2]);
      mx.grad(run)(x);
      mx.vmap(run)(mx.ones([2, 2]));
      mx.compile(run)(x);
      mx.jvp((x: Tensor) => [run(x)], [x], [x]);
    });
    await mx.asyncEval(mx.ones([1]));
    expect(failures).toHaveLength(4);
    for (const failure of failures) expect(String(failure)).toMatch(/OperationError: mx.asyncEval: .*transform/);
  });
});
