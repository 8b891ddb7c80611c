import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../index.ts';

afterAll(() => shutdown());

describe.each(['native', 'python'] as const)('what a compiled function captures, on %s', (implementation) => {
  const within = (run: () => void) => mx.withImplementation(implementation, run);
  const refused = expect.objectContaining({
    name: 'ArgumentError',
    message: expect.stringContaining('can be written to around captured arrays, received'),
  });

  it('may hold frozen lists and objects where no array is in them', () =>
    within(() => {
      const state = { sizes: Object.freeze([1, 2]), more: Object.freeze({ name: 'x' }), w: mx.array([3]) };
      const f = mx.compile((x: mx.Array) => mx.multiply(x, state.w), { inputs: state, outputs: state });
      expect(f(mx.array([2])).tolist()).toEqual([6]);
      expect(f(mx.array([3])).tolist()).toEqual([9]);
    }));

  it.each([
    ['a frozen list', () => Object.freeze([mx.array([1]), mx.array([2])])],
    ['a frozen object', () => Object.freeze({ a: mx.array([1]) })],
    [
      'an object that cannot be written to in one place',
      () => {
        const state = { a: mx.array([1]), b: mx.array([2]) };
        return Object.defineProperty(state, 'b', { writable: false });
      },
    ],
  ])('is refused where it is %s, and stays as it was', (_, make) =>
    within(() => {
      const state: object = make();
      const before = Object.values(state);
      const read = () => Object.values(state).map((a: mx.Array) => a.tolist());
      const values = read();
      const f = mx.compile((x: mx.Array) => mx.add(x, Object.values(state)[0]), { inputs: state });
      for (let i = 0; i < 2; i++) {
        expect(() => f(mx.array([1]))).toThrow(refused);
        expect(Object.values(state).map((a, at) => a === before[at])).toEqual(before.map(() => true));
        expect(read()).toEqual(values);
      }
      expect(() => mx.compile((x: mx.Array) => mx.add(x, 1), { outputs: state })(mx.array([1]))).toThrow(refused);
      expect(read()).toEqual(values);
    }),
  );
});
