import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

type Tensor = mx.Array;
type Index = Parameters<Tensor['at']>;
type Run = (a: Tensor, value: Tensor) => Tensor;

const SHAPE = [3, 4, 2];
const BATCH = 3;

const counted = (shape: readonly number[], from: number) => {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return mx.arange(from, from + size, { dtype: mx.float32 }).reshape(shape);
};

/** An index for an axis of so many elements: each kind that a caller may give. */
const part = (size: number) =>
  fc.oneof(
    fc.integer({ min: -size, max: size - 1 }),
    fc.constantFrom(new mx.Slice(), new mx.Slice(1), new mx.Slice(null, null, -1), new mx.Slice(0, null, 2)),
    fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 2, maxLength: 2 }),
    fc
      .uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 2, maxLength: 2 })
      .map((items) => mx.array(items, mx.uint8)),
  );
const place = fc
  .integer({ min: 1, max: SHAPE.length })
  .chain((length) => fc.tuple(...SHAPE.slice(0, length).map(part)).map((parts) => parts as Index));

const isList = (each: unknown) => Array.isArray(each) || each instanceof mx.array;

const METHODS = ['put', 'add', 'subtract', 'multiply', 'divide', 'maximum', 'minimum'] as const;

const write =
  (method: (typeof METHODS)[number], index: Index): Run =>
  (a, value) =>
    method === 'put' ? mx.indexPut(a, index, value) : a.at(...index)[method](value);

/** Of the function over the batch, once by vmap and once by a loop. */
function compare(run: Run, a: Tensor, value: Tensor, axes: [number | null, number | null]): void {
  const of = (array: Tensor, axis: number | null, i: number) => (axis === null ? array : mx.take(array, i, axis));
  const spread = (array: Tensor, axis: number | null) =>
    axis === null
      ? array
      : mx.stack(
          Array.from({ length: BATCH }, (_, i) => array.add(100 * i)),
          axis,
        );
  const [many, values] = [spread(a, axes[0]), spread(value, axes[1])];
  const mapped = mx.vmap(run, axes)(many, values);
  const looped = mx.stack(Array.from({ length: BATCH }, (_, i) => run(of(many, axes[0], i), of(values, axes[1], i))));
  expect(mapped.tolist()).toEqual(looped.tolist());
}

const axis = (rank: number) => fc.option(fc.integer({ min: 0, max: rank }), { freq: 4 });

describe.each(['native', 'python'] as const)('writes under vmap, as in a loop, %s', (implementation) => {
  const holds = (check: () => void) => mx.withImplementation(implementation, check);
  const numRuns = implementation === 'native' ? 300 : 60;

  it('at numbers, slices and lists, of a mapped or constant value into a mapped or constant array', () => {
    const property = fc.property(
      place,
      fc.constantFrom(...METHODS),
      fc.boolean(),
      fc.gen(),
      (index, method, one, g) => {
        holds(() => {
          const a = counted(SHAPE, 1);
          // Reading turns the axes of lists beside numbers, writing does not.
          const isMixed = index.some((each) => typeof each === 'number') && index.some(isList);
          const value = one || isMixed ? mx.array(7) : counted(a.index(...index).shape, 50);
          const axes: [number | null, number | null] = [g(axis, a.ndim), g(axis, value.ndim)];
          if (axes[0] === null && axes[1] === null) return;
          compare(write(method, index), a, value, axes);
        });
      },
    );
    fc.assert(property, { numRuns });
  });

  it('at masks', () => {
    const property = fc.property(fc.gen(), (g) => {
      holds(() => {
        const mask = mx.array(g(() => fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })));
        const axes: [number | null, number | null] = [g(axis, 2), g(axis, 0)];
        if (axes[0] === null && axes[1] === null) return;
        compare((a, value) => mx.indexPut(a, mask, value), counted([3, 2], 1), mx.array(7), axes);
      });
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('along an axis', () => {
    const property = fc.property(fc.constantFrom(0, 1, 2), fc.gen(), (along, g) => {
      holds(() => {
        const shape = SHAPE.map((extent, i) => (i === along ? 1 : extent));
        const indices = mx.full(shape, 1, mx.int32);
        const axes: [number | null, number | null] = [g(axis, 3), g(axis, 3)];
        if (axes[0] === null && axes[1] === null) return;
        const run: Run = (a, value) => mx.putAlongAxis(a, indices, value, along);
        compare(run, counted(SHAPE, 1), counted(shape, 50), axes);
      });
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('at mapped indices, and of what was picked from a mapped array', () => {
    holds(() => {
      const a = counted([BATCH, 4, 2], 1);
      const at = mx.array(
        [
          [0, 1],
          [3, 2],
          [1, 3],
        ],
        mx.uint32,
      );
      const looped = (run: Run, values: Tensor) =>
        Array.from({ length: BATCH }, (_, i) => run(a.index(i), values.index(i)).tolist());
      const put: Run = (x, i) => mx.indexPut(x, [i], 9);
      expect(mx.vmap(put)(a, at).tolist()).toEqual(looped(put, at));
      const moved: Run = (x, i) => x.at([2, 3]).add(mx.take(x, i, 0));
      expect(mx.vmap(moved)(a, at).tolist()).toEqual(looped(moved, at));
      const twice: Run = (x, i) =>
        mx.indexPut(mx.indexPut(x, [new mx.Slice(), [1, 0]], x), [0], mx.take(x, i, 0).index(0));
      expect(mx.vmap(twice)(a, at).tolist()).toEqual(looped(twice, at));
    });
  });

  it('into more than a narrow dtype counts', () => {
    holds(() => {
      const run = (x: Tensor, value: Tensor) => x.at(mx.array([1, 1], mx.uint8)).add(value);
      const result = mx.vmap(run)(mx.zeros([300, 2]), mx.ones([300]));
      expect(result.tolist()).toEqual(Array.from({ length: 300 }, () => [0, 2]));
    });
  });

  it('nested, and differentiated', () => {
    holds(() => {
      const run: Run = (x, value) => mx.indexPut(x, [[1, 0]], value);
      const nested = mx.vmap(mx.vmap(run, [1, null]), [null, 0]);
      const [x, values] = [counted([2, 3], 1), counted([4, 2], 50)];
      const looped = [0, 1, 2, 3].map((j) =>
        [0, 1, 2].map((i) => run(x.index(new mx.Slice(), i), values.index(j)).tolist()),
      );
      expect(nested(x, values).tolist()).toEqual(looped);
      const loss = (value: Tensor) => mx.sum(mx.square(mx.vmap(run, [1, null])(x, value)));
      expect(
        mx
          .grad(loss)(mx.array([1, 2]))
          .tolist(),
      ).toEqual([6, 12]);
    });
  });
});
