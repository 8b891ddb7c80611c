import { type Dtype, isInexact } from '../../foundation/values/dtypes.ts';
import { decode } from '../../foundation/values/elements.ts';
import { Complex, type Element } from '../../foundation/values/values.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Call } from '../call.ts';
import { type Comparison, type Contents, compareOutcomes, type Outcome } from '../compare.ts';
import { contents } from '../sides.ts';
import { PRECISIONS } from './differences.ts';
import { functionOf, halved } from './native.ts';
import { placesFor } from './places.ts';
import { FUSED } from './precision.ts';

type Tensor = mx.Array;

/** vmap against a loop over what it maps, and compile against the function as it is, both on the native side. */
export function compareWithOrdinary(kind: 'vmap' | 'compile', call: Call, transformed: Outcome): Comparison {
  const { run, primals } = functionOf(call, placesFor(kind, call));
  let expected: Tensor[];
  if (kind === 'compile') {
    expected = run(...primals);
  } else {
    const [first, second] = [run(...primals), run(...primals.map(halved))];
    expected = first.map((output, i) => mx.stack([output, second[i] as Tensor]));
  }
  const ordinary = contents(expected);
  const isSingle = call.operation.precision === 'single';
  const { ulp, difference } = compareOutcomes(transformed, { kind: 'result', contents: ordinary }, 0);
  if (difference === undefined || (transformed.kind === 'result' && isNear(transformed.contents, ordinary, isSingle))) {
    return { ulp: 0, difference: undefined };
  }
  const against = kind === 'vmap' ? 'a loop' : 'the call without compile';
  return { ulp, difference: difference.replace('from python', `from ${against}`) };
}

/** Whether each element is as near to the other as rounding in another order leaves it. */
function isNear(one: Contents, other: Contents, isSingle: boolean): boolean {
  if (one.kind === 'list' && other.kind === 'list') {
    return (
      one.items.length === other.items.length && one.items.every((item, i) => isNear(item, other.items[i]!, isSingle))
    );
  }
  if (one.kind !== 'tensor' || other.kind !== 'tensor') return false;
  if (one.dtype !== other.dtype || String(one.shape) !== String(other.shape) || !isInexact(one.dtype)) return false;
  const [left, right] = [parts(one.bytes, one.dtype), parts(other.bytes, other.dtype)];
  const largest = Math.max(...right.map(Math.abs).filter(Number.isFinite), 0);
  const tolerance = FUSED.epsilons * Math.max(PRECISIONS[one.dtype.name] ?? 0, isSingle ? 2 ** -23 : 0) * largest;
  return left.every((value, i) => {
    const expected = right[i] as number;
    return Object.is(value, expected) || value === expected || Math.abs(value - expected) <= tolerance;
  });
}

function parts(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): number[] {
  return decode(bytes, dtype).flatMap((element: Element) =>
    element instanceof Complex ? [element.re, element.im] : [Number(element)],
  );
}
