import type { Tensor } from '../../router/tensor.ts';
import { astype, einsum, eye, ones, reshape, sum } from '../generated/operations.ts';
import { multilinearJvp } from './multilinear.ts';
import { labelled } from './subscripts.ts';

/**
 * The gradient by one operand is the einsum of the cotangent and the other operands that gives its labels. Labels that
 * only it has, or has in full, were summed: ones stand for them. Labels that it has twice are a diagonal: an identity puts it back.
 */
export const einsumRules = {
  vjp(
    primals: readonly Tensor[],
    [cotangent]: readonly [Tensor],
    _outputs: unknown,
    [text]: [subscripts: string, operands: unknown],
  ): Tensor[] {
    const { operands, output, fresh } = labelled(
      text,
      primals.map(({ shape }) => shape),
    );
    const sizes = new Map<string, number>();
    operands.forEach((labels, i) => {
      [...labels].forEach((label, axis) => {
        const extent = primals[i]?.shape[axis] as number;
        if ((sizes.get(label) ?? 1) === 1) sizes.set(label, extent);
      });
    });
    return primals.map((primal, at) => {
      const others = primals.flatMap((array, i) => (i === at ? [] : [{ labels: operands[i] as string, array }]));
      const terms = [{ labels: output, array: cotangent }, ...others];
      const free = fresh();
      let labels = '';
      for (const label of operands[at] as string) {
        const extent = sizes.get(label) as number;
        if (labels.includes(label)) {
          const twin = free.next().value as string;
          terms.push({ labels: label + twin, array: eye(extent, extent, 0, cotangent.dtype) });
          labels += twin;
          continue;
        }
        labels += label;
        const isThere = terms.some(({ labels, array }) => array.shape[labels.indexOf(label)] === extent);
        if (!isThere) {
          terms.push({ labels: label, array: ones([extent], cotangent.dtype) });
        }
      }
      const text = `${terms.map((term) => term.labels).join()}->${labels}`;
      const whole = einsum(text, ...terms.map(({ array }) => astype(array, cotangent.dtype)));
      // An axis of size 1 was repeated along its label.
      const repeated = primal.shape.flatMap((extent, axis) => (extent < (whole.shape[axis] as number) ? [axis] : []));
      const summed = repeated.length === 0 ? whole : reshape(sum(whole, repeated), primal.shape);
      return astype(summed, primal.dtype);
    });
  },

  jvp(primals: readonly Tensor[], tangents: readonly (Tensor | null)[], [text]: [string, unknown]): Tensor | null {
    return multilinearJvp(primals, tangents, (arrays) => einsum(text, ...arrays));
  },
};
