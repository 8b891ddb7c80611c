import type { Tensor } from '../../router/tensor.ts';
import { astype, kron, multiply, reshape, sum } from '../generated/operations.ts';
import { multilinearJvp } from './multilinear.ts';

type Pair = readonly [Tensor, Tensor];

/** The shapes in which `a * b` is the product: each axis of the result is one of `a` and one of `b`. */
function interleaved([a, b]: Pair): { a: number[]; b: number[] } {
  const ndim = Math.max(a.ndim, b.ndim);
  const size = (x: Tensor, axis: number) => x.shape[x.ndim - ndim + axis] ?? 1;
  const axes = Array.from({ length: ndim }, (_, axis) => axis);
  return { a: axes.flatMap((axis) => [size(a, axis), 1]), b: axes.flatMap((axis) => [1, size(b, axis)]) };
}

/** Each gradient is the other factor times the cotangent, summed over the other's axes. */
export const kronRules = {
  vjp(primals: Pair, [cotangent]: readonly [Tensor]): Tensor[] {
    const [a, b] = primals;
    const shapes = interleaved(primals);
    const both = shapes.a.map((extent, axis) => extent * (shapes.b[axis] as number));
    const split = reshape(cotangent, both);
    const other = (x: Tensor, shape: number[]) => reshape(astype(x, cotangent.dtype), shape);
    const back = (to: Tensor, from: Tensor, shape: number[], first: number) => {
      const summed = shape.flatMap((_, axis) => (axis % 2 === first ? [axis] : []));
      return astype(reshape(sum(multiply(other(from, shape), split), summed), to.shape), to.dtype);
    };
    return [back(a, b, shapes.b, 1), back(b, a, shapes.a, 0)];
  },

  jvp(primals: Pair, tangents: readonly (Tensor | null)[]): Tensor | null {
    return multilinearJvp(primals, tangents, ([a, b]) => kron(a as Tensor, b as Tensor));
  },
};
