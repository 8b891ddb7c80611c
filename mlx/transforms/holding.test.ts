import { describe, expect, it } from 'vitest';
import { core as mx } from '../index.ts';

type Tensor = ReturnType<typeof mx.array>;

const x = mx.array([1, 2, 3]);

describe('stopGradient', () => {
  const held = (a: Tensor) => mx.sum(a.multiply(mx.stopGradient(mx.square(a))));

  it('is the array itself outside, and a constant to a gradient of any order', () => {
    expect(mx.stopGradient(x).tolist()).toEqual([1, 2, 3]);
    expect(mx.grad(held)(x).tolist()).toEqual([1, 4, 9]);
    expect(
      mx
        .grad((a: Tensor) => mx.sum(mx.grad(held)(a)))(x)
        .tolist(),
    ).toEqual([0, 0, 0]);
    expect(mx.jvp(held, [x], [x])[1][0]?.item()).toBe(1 + 8 + 27);
  });

  it('is so inside vmap and compile', () => {
    const each = (a: Tensor) => a.multiply(mx.stopGradient(a));
    expect(mx.vmap(mx.grad(each))(x).tolist()).toEqual([1, 2, 3]);
    expect(mx.compile(mx.grad(held))(x).tolist()).toEqual([1, 4, 9]);
    expect(mx.grad(mx.compile(held))(x).tolist()).toEqual([1, 4, 9]);
  });
});

describe('depends', () => {
  const after = (a: Tensor) => mx.sum(mx.square(mx.depends([a], [mx.exp(a)])[0] as Tensor));

  it('is its first argument, and differentiates as that', () => {
    expect(mx.depends([x], [mx.exp(x)])[0]?.tolist()).toEqual([1, 2, 3]);
    expect(mx.grad(after)(x).tolist()).toEqual([2, 4, 6]);
    expect(mx.compile(mx.grad(after))(x).tolist()).toEqual([2, 4, 6]);
  });

  it('takes an array in place of a list, and gives an array for an array', () => {
    expect(mx.depends(x, x).tolist()).toEqual([1, 2, 3]);
    expect(mx.depends(x, [mx.exp(x), x], { implementation: 'native' }).tolist()).toEqual([1, 2, 3]);
    expect(mx.depends([x], x).map((a) => a.tolist())).toEqual([[1, 2, 3]]);
    expect(() => mx.depends(x, 1 as never)).toThrow(
      'mx.depends: expected a list of arrays (mx.array) for "dependencies"',
    );
    expect(() => mx.depends([], x)).toThrow('inputs');
  });

  it('takes several', () => {
    const loss = (a: Tensor) => {
      const [first, second] = mx.depends([a, a.multiply(2)], [mx.exp(a), mx.log(a)]) as [Tensor, Tensor];
      return mx.sum(first.multiply(second));
    };
    expect(mx.grad(loss)(x).tolist()).toEqual([4, 8, 12]);
  });
});
