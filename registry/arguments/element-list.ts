import { complex64, type Dtype, float32 } from '../../foundation/values/dtypes.ts';
import type { Element, Scalar } from '../../foundation/values/values.ts';
import { weakScalar } from '../../foundation/values/weak.ts';

/** Nested lists of numbers as a value, until it is known which dtype they are to have. */
export class ElementList {
  readonly flat: readonly Element[];
  readonly shape: readonly number[];

  constructor(flat: readonly Element[], shape: readonly number[]) {
    this.flat = flat;
    this.shape = shape;
  }

  /** The elements and their dtype beside a tensor: that of all of them as weak scalars. A string says why not. */
  beside(dtype: Dtype): { elements: Element[]; dtype: Dtype } | string {
    const scalars = this.flat.map((element) => weakScalar(element, dtype));
    const problem = scalars.find((scalar) => typeof scalar === 'string');
    if (problem !== undefined) return problem as string;
    const kinds = new Set((scalars as Scalar[]).map((scalar) => scalar.dtype));
    const [first = dtype] = kinds;
    const common = kinds.size <= 1 ? first : kinds.has(complex64) ? complex64 : float32;
    return { elements: (scalars as Scalar[]).map((scalar) => scalar.value), dtype: common };
  }
}
