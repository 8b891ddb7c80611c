import { decode } from '../../foundation/values/elements.ts';
import { Complex, type Element } from '../../foundation/values/values.ts';
import { isTensor, type Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';

/**
 * Whether two arrays have the same dtype, shape and elements, NaN being itself and -0 not 0, wherever they live; undefined
 * where neither value is an array. For Vitest and Jest, whose own comparison knows nothing of what is behind an array:
 * `expect.addEqualityTesters([mxArraysEqual])`. Evaluates.
 */
export function mxArraysEqual(a: unknown, b: unknown): boolean | undefined {
  if (!isTensor(a) || !isTensor(b)) return isTensor(a) || isTensor(b) ? false : undefined;
  const [first, second] = [router.info(a), router.info(b)];
  if (first.dtype !== second.dtype || first.shape.length !== second.shape.length) return false;
  if (first.shape.some((extent, axis) => extent !== second.shape[axis])) return false;
  return haveSameElements(a, b);
}

function haveSameElements(a: Tensor, b: Tensor): boolean {
  const [first, second] = [router.read(a), router.read(b)];
  if (Buffer.compare(first, second) === 0) return true;
  // There are many NaN.
  const { dtype } = router.info(a);
  const others = decode(second, dtype);
  return decode(first, dtype).every((element, i) => isSame(element, others[i] as Element));
}

function isSame(a: Element, b: Element): boolean {
  if (a instanceof Complex && b instanceof Complex) return Object.is(a.re, b.re) && Object.is(a.im, b.im);
  return Object.is(a, b);
}
