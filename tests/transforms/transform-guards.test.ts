import { expect, it } from 'vitest';
import { ArgumentError, core as mx } from '../../mlx/index.ts';

const x = mx.zeros([0, 3]);

it.each<[string, () => unknown]>([
  ['the gradient of a product of nothing', () => mx.grad((a: mx.Array) => mx.prod(a))(x)],
  ['the tangent of a truth of nothing', () => mx.jvp((a: mx.Array) => mx.all(a), [x], [x])],
  ['an exclusive maximum along one element', () => mx.cummax(mx.zeros([1, 3]), 0, { inclusive: false })],
  [
    'the gradient of a maximum of complex numbers',
    () => mx.vjp((a: mx.Array) => mx.cummax(a, 0), [mx.zeros([3], mx.complex64)], [mx.zeros([3], mx.complex64)]),
  ],
  ['the inverse of nothing, though one tensor takes the short cut', () => mx.linalg.inv(mx.zeros([2, 0, 0]))],
])('%s, which ends the process in MLX, is refused', (_, call) => {
  expect(call).toThrow(ArgumentError);
});

it('reductions of nothing are what they are outside a transform', () => {
  expect([mx.prod(x).item(), mx.all(x).item(), mx.any(x).item()]).toEqual([1, true, false]);
});

it('the gradient of gathering nothing is zero', () => {
  const nothing = (a: mx.Array) => mx.sum(a.index(mx.array(0, mx.int32), mx.Slice(0, 0)));
  expect(
    mx
      .grad(nothing)(mx.ones([2, 2]))
      .tolist(),
  ).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

it('vmap of divmod gives both results', () => {
  const both = mx.vmap((a: mx.Array) => mx.divmod(a, 2))(mx.array([5, 7])) as mx.Array[];
  expect(both.map((result) => result.tolist())).toEqual([
    [2, 3],
    [1, 1],
  ]);
});

it('the gradient of a maximum written at a strided index has the shape of the value', () => {
  const written = (value: mx.Array) =>
    mx.sum(
      mx
        .zeros([4])
        .at(mx.Slice(0, 1, 2))
        .maximum(value),
    );
  expect(
    mx
      .grad(written)(mx.ones([1]))
      .tolist(),
  ).toEqual([1]);
});
