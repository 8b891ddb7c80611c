import { ArgumentError, type Implementation } from '../../foundation/errors/errors.ts';
import { int32 } from '../../foundation/values/dtypes.ts';
import { Slice } from '../../foundation/values/values.ts';
import { checkedFlag, checkedImplementation, checkedOptions } from '../../registry/arguments/options.ts';
import { isTensor, type Tensor } from '../../router/tensors/tensor.ts';
import { placesOf } from '../../runtime/places.ts';
import { router } from '../../runtime/runtime.ts';

/** Where these run that are composed of other operations. */
export interface ComposedOptions {
  readonly implementation?: Implementation;
}

export interface UniqueOptions extends ComposedOptions {
  /** Also where each value first stands in the flattened array. */
  readonly returnIndex?: boolean;
  /** Also which value each element is, in the shape of the array. */
  readonly returnInverse?: boolean;
  /** Also how often each value stands in the array. */
  readonly returnCounts?: boolean;
}

const EXTRAS = ['returnIndex', 'returnInverse', 'returnCounts'] as const;
type Extra = (typeof EXTRAS)[number];

const call = (name: string, ...args: unknown[]) => router.call(router.prepare(name), args) as Tensor;

function composed<T>(name: string, a: unknown, given: ComposedOptions, run: (a: Tensor) => T): T {
  const implementation = checkedImplementation(given.implementation, name);
  if (!isTensor(a)) throw new ArgumentError('expected an array (mx.array) for "a"', { operation: name });
  return implementation === undefined ? run(a) : router.withImplementation(implementation, () => run(a));
}

/**
 * Where the elements are not zero: for each dimension an int32 vector of places, in row-major order, as NumPy's
 * `nonzero`. Evaluates the array, for the length depends on it. `x.index(mask)` does the same for a boolean mask.
 */
export function nonzero(a: Tensor, options: ComposedOptions = {}): Tensor[] {
  const operation = 'mx.nonzero';
  const checked = checkedOptions<ComposedOptions>(options, ['implementation'], operation);
  return composed(operation, a, checked, (tensor) => {
    if (tensor.ndim === 0) {
      throw new ArgumentError('expected an array of at least one dimension for "a"', { operation });
    }
    return placesOf(call, call('not_equal', tensor, 0));
  });
}

/** Whether each element of a sorted vector differs from the one before it; NaNs count as one value. */
function firstOfRuns(sorted: Tensor): Tensor {
  const [before, after] = [sorted.index(new Slice(null, -1, null)), sorted.index(new Slice(1, null, null))];
  let differs = call('not_equal', before, after);
  if (sorted.dtype.kind === 'float' || sorted.dtype.kind === 'complex') {
    differs = call(
      'logical_and',
      differs,
      call('logical_not', call('logical_and', call('isnan', before), call('isnan', after))),
    );
  }
  return call('concatenate', [call('ones', [1], { dtype: differs.dtype }), differs]);
}

/**
 * The different values of the flattened array in rising order, as NumPy's `unique`: NaN comes last and once. With any of
 * the options a list of the values and the int32 arrays asked for, in the order index, inverse, counts. Evaluates the
 * array, for the length depends on it.
 */
export function unique(a: Tensor, options?: ComposedOptions & Partial<Record<Extra, false>>): Tensor;
export function unique(a: Tensor, options: UniqueOptions): Tensor[];
export function unique(a: Tensor, options: UniqueOptions = {}): Tensor | Tensor[] {
  const operation = 'mx.unique';
  const checked = checkedOptions<UniqueOptions>(options, [...EXTRAS, 'implementation'], operation);
  const wanted = EXTRAS.map((name) => checkedFlag(checked[name] ?? false, name, operation));
  return composed(operation, a, checked, (tensor) => {
    const { values, index, inverse, counts } = parts(tensor, wanted.includes(true));
    if (!wanted.includes(true)) return values;
    return [values, ...[index, inverse, counts].filter((_, i) => wanted[i])] as Tensor[];
  });
}

interface Parts {
  readonly values: Tensor;
  readonly index?: Tensor;
  readonly inverse?: Tensor;
  readonly counts?: Tensor;
}

function parts(a: Tensor, all: boolean): Parts {
  const { size, shape } = a;
  const flat = call('reshape', a, [-1 + (size === 0 ? 1 : 0)]);
  if (size === 0) {
    const none = () => call('zeros', [0], { dtype: int32 });
    return { values: flat, index: none(), inverse: call('zeros', shape, { dtype: int32 }), counts: none() };
  }
  const order = all ? call('astype', call('argsort', flat), int32) : undefined;
  const sorted = order === undefined ? call('sort', flat) : flat.index(order);
  const isFirst = firstOfRuns(sorted);
  const [starts] = placesOf(call, isFirst) as [Tensor];
  const values = sorted.index(starts);
  if (order === undefined) return { values };
  // Which run each sorted element belongs to.
  const runs = call('subtract', call('cumsum', isFirst), 1);
  const zeros = call('zeros', [size], { dtype: int32 });
  const count = values.size;
  return {
    values,
    index: call('index_minimum', call('full', [count], size, { dtype: int32 }), [runs], order),
    inverse: call('reshape', call('index_put', zeros, [order], runs), shape),
    counts: call('index_add', call('zeros', [count], { dtype: int32 }), [runs], 1),
  };
}
