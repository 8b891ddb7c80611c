import { describe, expect, it } from 'vitest';
import { core as mx } from '../index.ts';

type Tensor = mx.Array;

const MB = 2 ** 20;

describe.each(['native', 'python'] as const)('what a differentiated function keeps of its arguments, on %s', (side) => {
  const within = (run: () => void) => mx.withImplementation(side, run);

  it('is the argument afterwards', () =>
    within(() => {
      const kept: Tensor[] = [];
      const loss = (x: Tensor) => {
        kept.push(x);
        return mx.sum(x.multiply(x));
      };
      const x = mx.array([1, 2, 3]);
      expect(mx.grad(loss)(x).tolist()).toEqual([2, 4, 6]);
      expect(
        mx
          .grad((y: Tensor) => mx.sum(mx.grad(loss)(y)))(x)
          .tolist(),
      ).toEqual([2, 2, 2]);
      expect(kept.map((array) => array.add(1).tolist())).toEqual([
        [2, 3, 4],
        [2, 3, 4],
      ]);
    }));

  it('is what it was given where the function writes to it', () =>
    within(() => {
      let kept: Tensor | undefined;
      const x = mx.array([1, 2, 3]);
      const gradient = mx.grad((y: Tensor) => {
        kept = y;
        y.add_(1);
        return mx.sum(y.multiply(y));
      })(x);
      expect([x, gradient, kept as Tensor].map((array) => array.tolist())).toEqual([
        [1, 2, 3],
        [4, 6, 8],
        [2, 3, 4],
      ]);
    }));

  it('may be given back, or disposed of', () =>
    within(() => {
      const x = mx.array([1, 2, 3]);
      const both = mx.valueAndGrad((y: Tensor): [Tensor, Tensor] => [mx.sum(y), y])(x);
      expect([both[0][1], both[1]].map((array) => array.tolist())).toEqual([
        [1, 2, 3],
        [1, 1, 1],
      ]);
      const gradient = mx.grad((y: Tensor) => {
        const sum = mx.sum(y);
        y.dispose();
        return sum;
      })(x);
      expect([x.tolist(), gradient.tolist()]).toEqual([
        [1, 2, 3],
        [1, 1, 1],
      ]);
    }));

  it('is what the argument was when the function was called', () =>
    within(() => {
      let kept: Tensor | undefined;
      const x = mx.array([1, 2, 3]);
      mx.grad((y: Tensor) => {
        kept = y;
        x.multiply_(10);
        return mx.sum(y);
      })(x);
      expect([x, kept as Tensor].map((array) => array.tolist())).toEqual([
        [10, 20, 30],
        [1, 2, 3],
      ]);
    }));

  it('is disposed of without the argument', () =>
    within(() => {
      let last: Tensor | undefined;
      const x = mx.array([1, 2, 3]);
      const gradient = mx.grad((y: Tensor) => {
        last?.dispose();
        last = y;
        return mx.sum(y.multiply(y));
      });
      for (let step = 0; step < 3; step++) expect(gradient(x).tolist()).toEqual([2, 4, 6]);
      last?.dispose();
      expect(() => last?.tolist()).toThrow(/disposed/);
      expect(x.tolist()).toEqual([1, 2, 3]);
    }));
});

it('does not keep the memory of the argument', () => {
  const kept: Tensor[] = [];
  mx.withImplementation('native', () => {
    const x = mx.ones([MB]);
    const [value, gradient] = mx.valueAndGrad((y: Tensor) => {
      kept.push(y);
      return mx.sum(y.multiply(y));
    })(x);
    mx.eval(value, gradient);
    const before = mx.getActiveMemory();
    x.dispose();
    expect(before - mx.getActiveMemory()).toBe(4 * MB);
  });
  expect(() => kept[0]?.tolist()).toThrow(/disposed/);
});
