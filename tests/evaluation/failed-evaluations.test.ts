import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { askChild } from '../support/children.ts';

const singular = () => mx.linalg.inv(mx.zeros([3, 3]));
const failed = /failed with error code/;

describe('what MLX fails to compute on a thread of its own', () => {
  it('stays failed, with all that depends on it', () => {
    for (let i = 0; i < 20; i++) {
      const inverse = singular();
      const sum = mx.add(inverse, 1);
      expect(() => mx.eval(sum)).toThrow(failed);
      for (const array of [sum, inverse, mx.add(inverse, 2)]) expect(() => array.tolist()).toThrow(failed);
    }
  });

  it('takes nothing else along', () => {
    for (let i = 0; i < 20; i++) {
      const [beside, other] = [mx.exp(mx.zeros([2])), mx.ones([2]).add(1)];
      const parts = mx.linalg.svd(mx.array([[Number.NaN, 1]]))[0] as mx.Array;
      expect(() => mx.eval(singular(), beside, singular())).toThrow(failed);
      expect([beside.tolist(), other.tolist()]).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(mx.add(mx.ones([1]), 1).item()).toBe(2);
      // Another eigenvalue problem with siblings, failed or not, is what it was before.
      expect(parts.shape).toEqual([1, 1]);
    }
  });

  it('gives decompositions of several results all of them again', () => {
    const [q, r] = mx.linalg.qr(mx.eye(2)) as [mx.Array, mx.Array];
    const bad = mx.add(singular().index(0, 0), r.index(0, 0));
    expect(() => mx.eval(bad, q)).toThrow(failed);
    expect(mx.matmul(q, r).tolist()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(() => bad.item()).toThrow(failed);
  });

  it('is the error of the promise that waits for it, and of no other', async () => {
    for (let i = 0; i < 20; i++) {
      const inverse = singular();
      const waiting = mx.asyncEval(inverse).then(
        () => 'done',
        (error: Error) => error.message,
      );
      const beside = mx.add(mx.exp(mx.zeros([2])), 1);
      expect(beside.tolist()).toEqual([2, 2]);
      expect(await waiting).toMatch(failed);
      expect(() => inverse.tolist()).toThrow(failed);
      await expect(inverse.data()).rejects.toThrow(failed);
    }
  });
});

describe.each(['native', 'python'] as const)('many failed evaluations on %s', (side) => {
  it('block no wait', () => {
    mx.withImplementation(side, () => {
      for (let i = 0; i < 300; i++) expect(() => mx.eval(mx.add(singular(), 1))).toThrow(failed);
      expect(mx.add(mx.ones([2]), 1).tolist()).toEqual([2, 2]);
    });
  });
});

describe('an evaluation in a function that MLX runs again', () => {
  // Of large arrays an evaluation may be started ahead of the wait for it.
  it.each([2, 2 ** 20])('leaves the graph around it, whose derivative is being taken, of %d elements', async (size) => {
    const found = await askChild<unknown>(`
      const x = mx.zeros([${size}]);
      const f = (b, c) => {
        const h = mx.exp(c);
        const read = (y) => { mx.eval(mx.exp(h)); mx.exp(h).max().item(); void mx.asyncEval(mx.sin(h)); return y.multiply(2); };
        return [mx.checkpoint(read)(b), mx.customFunction(read)(b), mx.square(h)];
      };
      const outcomes = [];
      const one = mx.ones([${size}]);
      for (let i = 0; i < 20; i++) outcomes.push(mx.jvp(f, [x, x], [one, one])[1].map((t) => [t.min().item(), t.max().item()]));
      report(outcomes.at(-1));
    `);
    expect(found).toEqual(Array(3).fill([2, 2]));
  });
});
