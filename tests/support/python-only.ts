import { core as mx, registry } from '../../mlx/index.ts';

type Tensor = mx.Array;
type Pair = readonly [Tensor, Tensor];
type Tangents = readonly (Tensor | null)[];
type Mode = 'full' | 'valid' | 'same';

/** The tangent of a function that is linear in each of its arrays: the sum of what each of them alone would change. */
function multilinearJvp(primals: Pair, tangents: Tangents, fun: (...arrays: Pair) => Tensor): Tensor | null {
  const parts = tangents.flatMap((tangent, i) => {
    if (tangent === null) return [];
    return [fun(...(primals.map((primal, j) => (j === i ? tangent : primal)) as unknown as Pair))];
  });
  return parts.length === 0 ? null : parts.reduce((sum, part) => mx.add(sum, part));
}

/** The shapes in which `a * b` is the product: each axis of the result is one of `a` and one of `b`. */
function interleaved([a, b]: Pair): { a: number[]; b: number[] } {
  const ndim = Math.max(a.ndim, b.ndim);
  const size = (x: Tensor, axis: number) => x.shape[x.ndim - ndim + axis] ?? 1;
  const axes = Array.from({ length: ndim }, (_, axis) => axis);
  return { a: axes.flatMap((axis) => [size(a, axis), 1]), b: axes.flatMap((axis) => [1, size(b, axis)]) };
}

/** How many results of the full convolution stand before those that the mode gives; `shorter`: the smaller size. */
function left(mode: Mode, shorter: number): number {
  if (mode === 'full') return 0;
  return mode === 'valid' ? shorter - 1 : shorter - 1 - Math.floor(shorter / 2);
}

/** The products of the second with every window of the first. */
function correlate(a: Tensor, v: Tensor): Tensor {
  return mx.conv1d(a.reshape(1, -1, 1), v.reshape(1, -1, 1)).reshape(-1);
}

/**
 * A user's operation that only Python has, with rules of its own of every order: a stand-in for whatever is not ported.
 * Its function is MLX's `kron`, so that its values and gradients are known.
 */
export const pythonKron = registry.register<Tensor>({
  name: 'python_only.kron',
  python: 'mlx.core:kron',

  /** Each gradient is the other factor times the cotangent, summed over the other's axes. */
  vjp(primals: Pair, [cotangent]: readonly [Tensor]): Tensor[] {
    const [a, b] = primals;
    const shapes = interleaved(primals);
    const split = cotangent.reshape(shapes.a.map((extent, axis) => extent * (shapes.b[axis] as number)));
    const back = (to: Tensor, from: Tensor, shape: number[], first: number) => {
      const summed = shape.flatMap((_, axis) => (axis % 2 === first ? [axis] : []));
      const products = from.astype(cotangent.dtype).reshape(shape).multiply(split);
      return mx.sum(products, summed).reshape(to.shape).astype(to.dtype);
    };
    return [back(a, b, shapes.b, 1), back(b, a, shapes.a, 0)];
  },

  jvp(primals: Pair, tangents: Tangents): Tensor | null {
    return multilinearJvp(primals, tangents, (a, b) => pythonKron(a, b));
  },
});

/** As `pythonKron`, with a plain argument beside the arrays. */
export const pythonConvolve = registry.register<Tensor>({
  name: 'python_only.convolve',
  python: 'mlx.core:convolve',

  /** The gradient by one vector is the correlation of the cotangent, zeros where the mode cuts, with the other. */
  vjp([a, v]: Pair, [cotangent]: readonly [Tensor], _outputs: unknown, [, , mode = 'full']: [unknown, unknown, Mode?]) {
    const before = left(mode, Math.min(a.size, v.size));
    const whole = mx.pad(cotangent, [[before, a.size + v.size - 1 - before - cotangent.size]]);
    const by = (to: Tensor, other: Tensor) => correlate(whole, other.astype(whole.dtype)).astype(to.dtype);
    return [by(a, v), by(v, a)];
  },

  jvp(primals: Pair, tangents: Tangents, [, , mode = 'full']: [unknown, unknown, Mode?]): Tensor | null {
    return multilinearJvp(primals, tangents, (a, v) => pythonConvolve(a, v, mode));
  },
});
