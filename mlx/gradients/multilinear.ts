import type { Tensor } from '../../router/tensor.ts';
import { add } from '../generated/operations.ts';

/** The tangent of a function that is linear in each of its arrays: the sum of what each of them alone would change. */
export function multilinearJvp(
  primals: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
  fun: (arrays: Tensor[]) => Tensor,
) {
  const parts = tangents.flatMap((tangent, i) => {
    if (tangent === null) return [];
    return [fun(primals.map((primal, j) => (j === i ? tangent : primal)))];
  });
  return parts.length === 0 ? null : parts.reduce((sum, part) => add(sum, part));
}
