import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  ArgumentError,
  configure,
  core as mx,
  registry,
  shutdown,
  UnsupportedOperationError,
} from '../../mlx/index.ts';
import { pythonKron } from '../support/python-only.ts';

afterAll(() => shutdown());

type Tensor = ReturnType<typeof mx.array>;

const x = mx.array([1, 2, 3]);
const scalar = (f: (a: Tensor) => Tensor) => (a: Tensor) => mx.sum(f(a));

// Operations of our own over MLX's functions in Python, which are always allowed.
const square = registry.register<Tensor>({
  name: 'crossing.square',
  python: 'mlx.core:square',
  vjp: ([a]: [Tensor], [cotangent]: [Tensor]) => a.multiply(2).multiply(cotangent),
  jvp: ([a]: [Tensor], [tangent]: [Tensor]) => [a.multiply(2).multiply(tangent)],
});
const blind = registry.register<Tensor>({ name: 'crossing.blind', python: 'mlx.core:square' });

describe('an operation with rules of its own', () => {
  it('has gradients of the first and the second order, and tangents', () => {
    const cube = scalar((a) => mx.multiply(square(a), a));
    expect(mx.grad(cube)(x).tolist()).toEqual([3, 12, 27]);
    expect(
      mx
        .grad(scalar(mx.grad(cube)))(x)
        .tolist(),
    ).toEqual([6, 12, 18]);
    expect(mx.jvp(square, [x], [x])[1][0]?.tolist()).toEqual([2, 8, 18]);
    expect(mx.vjp(square, [x], [x])[1][0]?.tolist()).toEqual([2, 8, 18]);
  });

  it('gives its rules lists of arrays, its results, and what it was called with', () => {
    const vjp = vi.fn();
    const scaled = registry.register<Tensor>({ name: 'crossing.scaled', python: 'mlx.core:addmm', vjp });
    const c = mx.array([[1]]);
    vjp.mockImplementation(() => [null, c, c]);
    const gradient = mx.grad<Tensor[]>(
      (...arrays: [Tensor, Tensor, Tensor]) => mx.sum(scaled(...arrays, { alpha: 2 })),
      [0, 1, 2],
    );
    const items = (list: Tensor[]) => list.map((a) => a.item());
    expect(items(gradient(c, mx.array([[3]]), mx.array([[4]])))).toEqual([0, 1, 1]);
    const [primals, cotangents, outputs, args] = vjp.mock.calls[0] as [Tensor[], Tensor[], Tensor[], unknown[]];
    expect([primals, cotangents, outputs].map(items)).toEqual([[1, 3, 4], [1], [25]]);
    expect(args.slice(0, 3).every((arg, i) => arg === primals[i])).toBe(true);
    expect(args[3]).toEqual({ alpha: 2 });
  });

  it('takes null for no gradient, of whatever dtype', () => {
    const pick = registry.register<Tensor>({
      name: 'crossing.pick',
      python: 'mlx.core:take',
      vjp: ([a, indices]: [Tensor, Tensor], [cotangent]: [Tensor]) => [
        mx.zerosLike(a).at(indices).add(cotangent),
        null,
      ],
    });
    const indices = mx.array([2, 0], mx.int32);
    expect(
      mx
        .grad((a: Tensor) => mx.sum(pick(a, indices)))(x)
        .tolist(),
    ).toEqual([1, 0, 1]);
  });

  it('may have several results in a tree, and plain data beside them', () => {
    const parts = registry.register<Tensor[]>({
      name: 'crossing.parts',
      python: 'mlx.core:divmod',
      vjp: ([, b]: Tensor[], [, remainder]: Tensor[]) => [remainder, mx.zerosLike(b as Tensor)],
    });
    const loss = (a: Tensor) => {
      const [quotient, remainder] = parts(a, mx.array([2, 2, 2])) as [Tensor, Tensor];
      return mx.sum(quotient.multiply(100).add(remainder.multiply(3)));
    };
    expect(mx.grad(loss)(x).tolist()).toEqual([3, 3, 3]);
    const length = { name: 'crossing.length', python: 'operator:length_hint', vjp: () => [] };
    const lengthOf = registry.register<number>(length);
    expect(
      mx
        .grad((a: Tensor) => mx.sum(a.multiply(lengthOf(a))))(x)
        .tolist(),
    ).toEqual([3, 3, 3]);
  });

  it('sees values: control flow may depend on its results', () => {
    const f = (a: Tensor) => {
      const y = square(a);
      return mx.sum(y).item() === 14 ? mx.sum(y) : mx.sum(a);
    };
    expect(mx.grad(f)(x).tolist()).toEqual([2, 4, 6]);
  });

  it('runs as ever outside a transform, and with its own gradient where Python runs the whole', () => {
    expect(square(x).tolist()).toEqual([1, 4, 9]);
    expect(square(x, { implementation: 'python' }).tolist()).toEqual([1, 4, 9]);
  });

  it('keeps nothing once it is done', async () => {
    const { internals } = await import('../../mlx/index.ts');
    const step = mx.grad(scalar(square));
    const live = () => internals.nativeBackend.addon.usage()[0];
    for (let i = 0; i < 20; i++) step(x).tolist();
    const before = live();
    for (let i = 0; i < 200; i++) mx.tidy(() => step(x).tolist());
    expect(live() - before).toBeLessThan(200);
  });
});

describe('what cannot cross', () => {
  // Else the whole transform would run on Python.
  beforeAll(() => configure({ allowFallback: false }));
  afterAll(() => configure({ allowFallback: true }));
  const thrownBy = (run: () => unknown): Error => {
    try {
      run();
    } catch (error) {
      return error as Error;
    }
    throw new Error('nothing was thrown');
  };

  it.each([
    ['grad', () => mx.grad(scalar(blind))(x)],
    ['jvp', () => mx.jvp(blind, [x], [x])],
  ])('an operation without a rule in %s names itself and the remedies', (_, run) => {
    const error = thrownBy(run);
    expect(error).toBeInstanceOf(UnsupportedOperationError);
    expect(error.message).toMatch(/^crossing\.blind: .*not ported.*port it.*vjp.*mx\.withImplementation\('python'/s);
  });

  it('an operation with a vjp only has no tangents', () => {
    const only = registry.register<Tensor>({ name: 'crossing.only', python: 'mlx.core:square', vjp: () => [x] });
    const error = thrownBy(() => mx.jvp(only, [x], [x]));
    expect(error).toBeInstanceOf(UnsupportedOperationError);
    expect(error.message).toMatch(/^crossing\.only: .*no jvp of its own.*port it/s);
  });

  it.each([
    ['compile', () => mx.compile(square)(x)],
    ['vmap', () => mx.vmap(square)(x)],
    ['grad of vmap', () => mx.grad((a: Tensor) => mx.sum(mx.vmap(square)(a)))(x)],
    ['compile of grad', () => mx.compile(mx.grad(scalar(square)))(x)],
    ['compile of two arrays', () => mx.compile((a: Tensor) => pythonKron(a, a))(x)],
  ])('an operation that has no values yet, in %s', (_, run) => {
    const error = thrownBy(run);
    expect(error).toBeInstanceOf(UnsupportedOperationError);
    expect(error.message).toMatch(/^(crossing\.square|python_only\.kron): .*values.*mx\.compile.*port it/s);
    expect(mx.grad(scalar(square))(x).tolist()).toEqual([2, 4, 6]);
  });

  it.each([
    ['a wrong number of gradients', () => [x, x], 'expected its vjp to give 1 array, received a list'],
    [
      'a wrong shape',
      () => [mx.array(1)],
      'expected its vjp to give float32 of shape [3] at 0, received float32 of shape []',
    ],
    ['a wrong dtype', () => [x.astype(mx.float16)], 'received float16 of shape [3]'],
    ['no array', () => ['text'], 'expected its vjp to give arrays, received the string "text" at 0'],
    ['a promise', async () => [x], 'expected its vjp to give arrays, received'],
  ])('a vjp that gives %s', (_, vjp, message) => {
    const wrong = registry.register<Tensor>({ name: 'crossing.wrong', python: 'mlx.core:square', vjp: vjp as never });
    const error = thrownBy(() => mx.grad(scalar(wrong))(x));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toContain('crossing.wrong: ');
    expect(error.message).toContain(message);
  });

  it('throws what a rule threw, as it is, and what Python raised', () => {
    const mine = new RangeError('mine');
    const throws = registry.register<Tensor>({
      name: 'crossing.throws',
      python: 'mlx.core:square',
      vjp: () => {
        throw mine;
      },
    });
    expect(thrownBy(() => mx.grad(scalar(throws))(x))).toBe(mine);
    const raises = registry.register<Tensor>({ name: 'crossing.raises', python: 'mlx.core:matmul', vjp: () => [] });
    expect(thrownBy(() => mx.grad((a: Tensor) => mx.sum(raises(a, mx.array(1))))(x)).message).toContain('matmul');
  });

  it('refuses rules that are no functions', () => {
    const wrong = { name: 'crossing.wrong', python: 'mlx.core:square', vjp: 3 };
    expect(() => registry.register(wrong as never)).toThrow('expected "vjp" to be a function, received the number 3');
  });

  it('forgets the rules of an operation that is registered anew', () => {
    const fresh = { name: 'crossing.fresh', python: 'mlx.core:square' };
    registry.register({ ...fresh, vjp: () => [x] });
    const again = registry.register<Tensor>(fresh);
    expect(() => mx.grad(scalar(again))(x)).toThrow(UnsupportedOperationError);
  });
});
