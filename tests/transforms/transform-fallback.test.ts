import { afterEach, describe, expect, it } from 'vitest';
import { configure, core as mx, registry, routing, UnsupportedOperationError } from '../../mlx/index.ts';

type Tensor = ReturnType<typeof mx.array>;

const square = registry.register<Tensor>({ name: 'fallback.square', python: 'mlx.core:square' });
const ruled = registry.register<Tensor>({
  name: 'fallback.ruled',
  python: 'mlx.core:square',
  vjp: ([a]: Tensor[], [cotangent]: Tensor[]) => [(a as Tensor).multiply(2).multiply(cotangent as Tensor)],
});
const x = mx.array([1, 2, 3]);
const fallbacks = () =>
  routing
    .table()
    .filter(({ reason }) => reason === 'transform-unported')
    .reduce((sum, { calls }) => sum + calls, 0);

afterEach(() => configure({ allowFallback: true }));

describe('a function that calls what is not ported', () => {
  it('is tried on native once, and goes to Python from then on', () => {
    let calls = 0;
    const gradient = mx.grad((a: Tensor) => {
      calls += 1;
      return mx.sum(square(a));
    });
    const before = fallbacks();
    expect(gradient(x).tolist()).toEqual([2, 4, 6]);
    expect(calls).toBe(2);
    expect(gradient(x).tolist()).toEqual([2, 4, 6]);
    expect(calls).toBe(3);
    expect(fallbacks() - before).toBe(2);
  });

  it.each<[string, () => Tensor | undefined, unknown]>([
    ['vmap', () => mx.vmap((a: Tensor) => square(a))(x), [1, 4, 9]],
    ['compile', () => mx.compile((a: Tensor) => square(a))(x), [1, 4, 9]],
    ['jvp', () => mx.jvp((a: Tensor) => square(a), [x], [x])[1][0], [2, 8, 18]],
    ['vjp', () => mx.vjp((a: Tensor) => square(a), [x], [x])[1][0], [2, 8, 18]],
    ['checkpoint', () => mx.checkpoint((a: Tensor) => square(a))(x), [1, 4, 9]],
    ['customFunction', () => mx.customFunction((a: Tensor) => square(a))(x), [1, 4, 9]],
    ['compile of grad', () => mx.compile(mx.grad((a: Tensor) => mx.sum(square(a))))(x), [2, 4, 6]],
    ['grad of vmap', () => mx.grad((a: Tensor) => mx.sum(mx.vmap((b: Tensor) => square(b))(a)))(x), [2, 4, 6]],
  ])('runs on Python in %s', (_, run, expected) => {
    expect(run()?.tolist()).toEqual(expected);
  });

  it('stays on native where the operation brings the rule', () => {
    let calls = 0;
    const before = fallbacks();
    const f = (a: Tensor) => {
      calls += 1;
      return mx.sum(ruled(a));
    };
    expect(mx.grad(f)(x).tolist()).toEqual([2, 4, 6]);
    expect([calls, fallbacks() - before]).toEqual([1, 0]);
  });

  it('falls back as a whole, the inner transforms with the outer one', () => {
    const sides: string[] = [];
    const inner = (a: Tensor) => {
      sides.push('inner');
      return mx.sum(square(a));
    };
    const outer = mx.grad((a: Tensor) => {
      sides.push('outer');
      return mx.sum(mx.grad(inner)(a));
    });
    expect(outer(x).tolist()).toEqual([2, 2, 2]);
    expect(sides).toEqual(['outer', 'inner', 'outer', 'inner']);
  });

  it('keeps what else the function throws, on whichever side', () => {
    const mine = new RangeError('mine');
    const f = (a: Tensor) => {
      square(a);
      throw mine;
    };
    let thrown: unknown;
    try {
      mx.grad(f)(x);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(mine);
  });

  it('is an error with allowFallback off, and where native is forced', () => {
    const f = (a: Tensor) => mx.sum(square(a));
    expect(() => mx.withImplementation('native', () => mx.grad(f)(x))).toThrow(UnsupportedOperationError);
    expect(() => mx.grad(f, { implementation: 'native' })(x)).toThrow(UnsupportedOperationError);
    configure({ allowFallback: false });
    expect(() => mx.grad(f)(x)).toThrow('not ported');
  });

  it('may be sent to Python at once', () => {
    let calls = 0;
    const f = (a: Tensor) => {
      calls += 1;
      return mx.sum(square(a));
    };
    expect(mx.grad(f, { implementation: 'python' })(x).tolist()).toEqual([2, 4, 6]);
    expect(mx.compile(f, { implementation: 'python' })(x).item()).toBe(14);
    expect(calls).toBe(2);
    expect(() =>
      mx.grad((a: Tensor) => mx.sum(mx.grad(f, { implementation: 'python' })(a)), { implementation: 'native' })(x),
    ).toThrow('python is asked for inside a transform that runs on native');
  });
});
