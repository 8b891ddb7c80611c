import { afterAll, expect, it, vi } from 'vitest';
import { internals, core as mx, shutdown } from '../index.ts';

afterAll(() => shutdown());

it.each(['native', 'python'] as const)(
  'compiled functions that are dropped within one turn keep a bounded number of traces on %s',
  (implementation) => {
    mx.withImplementation(implementation, () => {
      const x = mx.array([1, 2]);
      let traced = 0;
      const first = mx.compile((y: mx.Array) => {
        traced += 1;
        return mx.square(y);
      });
      first(x);
      const { transforms } = internals[`${implementation}Backend`];
      const erased = vi.spyOn(transforms, 'eraseCompiled');
      // The one under way is not dropped, whatever it compiles itself.
      const outer = mx.compile((y: mx.Array) => {
        for (let i = 0; i < 1100; i++) mx.compile((z: mx.Array) => mx.add(z, i))(x);
        return mx.negative(y);
      });
      expect(outer(x).tolist()).toEqual([-1, -2]);
      expect(erased.mock.calls.length).toBeGreaterThan(70);
      expect(first(x).tolist()).toEqual([1, 4]);
      expect(first(x).tolist()).toEqual([1, 4]);
      expect(traced).toBe(2);
      erased.mockRestore();
    });
  },
);
