import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';

const FAILED = /failed with error code/;
const nan = () =>
  mx.array([
    [Number.NaN, 1],
    [1, 2],
  ]);
const singular = () => mx.linalg.inv(mx.zeros([2, 2]));

type Way = (array: mx.Array) => unknown;
const READS: Readonly<Record<string, Way>> = {
  tolist: (array) => array.tolist(),
  eval: (array) => mx.eval(array),
  'eval of several': (array) => mx.eval(mx.ones([1]), array),
  text: (array) => String(array),
  'copy to the other side': (array) => mx.add(array, 1, { implementation: 'native' }).tolist(),
  built: (array) => mx.add(array, 1).tolist(),
  item: (array) => mx.sum(array).item(),
};
const BUILDS: Readonly<Record<string, (array: mx.Array) => mx.Array>> = {
  itself: (array) => array,
  sum: (array) => mx.ones([3]).add(mx.sum(array)),
  grad: (array) => mx.grad((x: mx.Array) => mx.sum(x.multiply(array)))(mx.ones(array.shape)) as mx.Array,
  vmap: (array) => mx.vmap((x: mx.Array) => mx.add(x, mx.sum(array)))(mx.ones([2])) as mx.Array,
  compile: (array) => mx.compile((x: mx.Array) => mx.exp(x).add(1))(array) as mx.Array,
  pipeline: (array) => mx.pipeline(() => mx.add(mx.add(array, 1), array)) as mx.Array,
  inverse: (array) => mx.linalg.inv(mx.add(mx.eye(2), mx.sum(array))),
};
const SOURCES: Readonly<Record<string, () => mx.Array>> = {
  inv: singular,
  'second of svd': () => mx.linalg.svd(nan())[1] as mx.Array,
  'in vmap': () => mx.vmap((x: mx.Array) => mx.linalg.inv(x))(mx.zeros([2, 2, 2])) as mx.Array,
  'in compile': () => mx.compile((x: mx.Array) => mx.linalg.inv(x).add(1))(mx.zeros([2, 2])) as mx.Array,
  'in grad': () =>
    mx.grad((x: mx.Array) => mx.sum(x.multiply(mx.stopGradient(mx.linalg.inv(x)))))(mx.zeros([2, 2])) as mx.Array,
  'in a pipeline': () => mx.pipeline(() => mx.linalg.inv(mx.zeros([2, 2])).add(1)) as mx.Array,
  norm: () => mx.linalg.norm(nan(), 'nuc') as mx.Array,
};

describe.each(['native', 'python'] as const)('what failed to be computed on %s', (implementation) => {
  it.each(Object.keys(SOURCES))('fails in every way of reading it, each time: %s', async (source) => {
    await mx.withImplementation(implementation, async () => {
      for (const build of Object.values(BUILDS)) {
        const made = SOURCES[source]?.() as mx.Array;
        const array = made.ndim === 2 ? build(made) : build(mx.broadcastTo(mx.sum(made), [2, 2]));
        for (const read of [...Object.values(READS), ...Object.values(READS)]) {
          expect(() => read(array)).toThrow(OperationError);
          expect(() => read(array)).toThrow(FAILED);
        }
        await expect(array.data()).rejects.toThrow(FAILED);
        await expect(mx.asyncEval(array)).rejects.toThrow(FAILED);
      }
      expect(mx.add(mx.ones([2]), 1).tolist()).toEqual([2, 2]);
    });
  });

  it('fails alone: what a program computes beside it is right, in whatever order it is read', () => {
    const step = fc.record({
      kind: fc.constantFrom('good', 'bad', 'svd', 'add', 'add', 'read', 'read', 'pipeline'),
      a: fc.nat(),
      b: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) =>
        mx.withImplementation(implementation, () => {
          // Each with its value, null where it cannot have one.
          const made: [mx.Array, number | null][] = [[mx.ones([2, 2]), 1]];
          const sum = (i: number, j: number): [mx.Array, number | null] => {
            const [[x, p], [y, q]] = [made[i % made.length], made[j % made.length]] as [
              [mx.Array, number | null],
              [mx.Array, number | null],
            ];
            return [mx.add(x, y), p === null || q === null ? null : p + q];
          };
          const check = ([array, value]: [mx.Array, number | null]) => {
            if (value === null) expect(() => array.tolist()).toThrow(FAILED);
            else expect(array.index(0, 0).item()).toBe(value);
          };
          for (const { kind, a, b } of steps) {
            if (kind === 'good') made.push([mx.linalg.inv(mx.eye(2)), 1]);
            else if (kind === 'bad') made.push([singular(), null]);
            else if (kind === 'svd') for (const part of mx.linalg.svd(nan()) as mx.Array[]) made.push([part, null]);
            else if (kind === 'add') made.push(sum(a, b));
            else if (kind === 'pipeline') made.push(mx.pipeline(() => sum(a, b)) as [mx.Array, number | null]);
            else check(made[a % made.length] as [mx.Array, number | null]);
          }
          for (const each of [...made, ...made.reverse()]) check(each);
        }),
      ),
      { numRuns: 60 },
    );
  });
});
