import { int32 } from '../foundation/values/dtypes.ts';
import { Slice } from '../foundation/values/values.ts';
import type { Tensor } from '../router/tensors/tensor.ts';

/** Calls an operation by its qualified name. */
export type Caller = (name: string, ...args: unknown[]) => unknown;

/** The int32 places of the true elements of a boolean vector, in order. Evaluates their number. */
function placesInVector(call: Caller, mask: Tensor, size: number): Tensor {
  const count = Number((call('sum', mask) as Tensor).item());
  // Each true element writes its own place at its own rank; all the others write behind the end.
  const ranks = call('subtract', call('cumsum', mask), 1);
  const target = call('where', mask, ranks, count);
  const places = call('index_put', call('full', [count + 1], 0, { dtype: int32 }), [target], call('arange', size));
  return call('index', places, [new Slice(0, count, null)]) as Tensor;
}

/** Where a boolean tensor is true: for each of its dimensions an int32 vector, in row-major order. Evaluates. */
export function placesOf(call: Caller, mask: Tensor): Tensor[] {
  const { shape } = mask;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size === 0) return shape.map(() => call('zeros', [0], { dtype: int32 }) as Tensor);
  let rest = placesInVector(call, call('reshape', mask, [-1]) as Tensor, size);
  if (shape.length === 1) return [rest];
  const places: Tensor[] = [];
  for (const extent of [...shape].reverse()) {
    const [quotient, remainder] = call('divmod', rest, extent) as [Tensor, Tensor];
    places.unshift(remainder);
    rest = quotient;
  }
  return places;
}
