import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

const OPERATIONS: Record<string, [(a: mx.Array, b: mx.Array) => mx.Array, (a: number, b: number) => number]> = {
  bitwiseAnd: [mx.bitwiseAnd, (a, b) => a & b],
  bitwiseOr: [mx.bitwiseOr, (a, b) => a | b],
  bitwiseXor: [mx.bitwiseXor, (a, b) => a ^ b],
  leftShift: [mx.leftShift, (a, b) => a << b],
  rightShift: [mx.rightShift, (a, b) => a >> b],
};
const ROWS = [
  [9, 12, 3],
  [4, 7, 30],
];
const PLAIN = [1, 2, 0];

describe.each(['native', 'python'] as const)('operations on bits under vmap, %s', (implementation) => {
  it.each(Object.entries(OPERATIONS))('%s takes what is not mapped as it is for each', (_, [operation, of]) => {
    mx.withImplementation(implementation, () => {
      const rows = mx.array(ROWS, mx.int32);
      const plain = mx.array(PLAIN, mx.int32);
      const expected = ROWS.map((row) => row.map((value, i) => of(value, PLAIN[i] as number)));
      const turned = ROWS.map((row) => row.map((value, i) => of(PLAIN[i] as number, value)));
      const mapped = (f: (x: mx.Array) => mx.Array, x: mx.Array, axis: number) => mx.vmap(f, [axis])(x) as mx.Array;
      expect(mapped((x) => operation(x, plain), rows, 0).tolist()).toEqual(expected);
      expect(mapped((x) => operation(x, plain), rows.T, 1).tolist()).toEqual(expected);
      expect(mapped((x) => operation(plain, x), rows, 0).tolist()).toEqual(turned);
      expect(mapped((x) => operation(plain, x), rows.T, 1).tolist()).toEqual(turned);
    });
  });
});
