import { ArgumentError } from '../../foundation/errors/errors.ts';
import { Complex as ComplexValue, Slice as SliceValue } from '../../foundation/values/values.ts';
import { describeValue } from '../../registry/arguments/describe.ts';

interface Callable<Class, Args extends unknown[]> {
  new (...args: Args): Class;
  (...args: Args): Class;
  readonly prototype: Class;
}

type Bound = number | null;

function bound(value: unknown, name: string): Bound {
  if (value === undefined || value === null) return null;
  if (Number.isInteger(value)) return value as number;
  throw new ArgumentError(`expected an integer or null for "${name}", received ${describeValue(value)}`, {
    operation: 'mx.Slice',
  });
}

function makeSlice(start?: Bound, stop?: Bound, step?: Bound): SliceValue {
  const checked = new SliceValue(bound(start, 'start'), bound(stop, 'stop'), bound(step, 'step'));
  if (checked.step === 0) throw new ArgumentError('expected a step other than 0', { operation: 'mx.Slice' });
  return checked;
}
makeSlice.prototype = SliceValue.prototype;

function makeComplex(re: number, im = 0): ComplexValue {
  if (typeof re === 'number' && typeof im === 'number') return new ComplexValue(re, im);
  throw new ArgumentError(`expected two numbers, received ${describeValue(re)} and ${describeValue(im)}`, {
    operation: 'mx.Complex',
  });
}
makeComplex.prototype = ComplexValue.prototype;

/**
 * `start:stop:step` of an index, with or without `new`; null or left out is Python's empty place. One number is the start,
 * as in JavaScript's `slice`: `mx.Slice(2)` is `2:`, and Python's `slice(2)`, `:2`, is `mx.Slice(null, 2)`.
 */
export const Slice = makeSlice as unknown as Callable<SliceValue, [start?: Bound, stop?: Bound, step?: Bound]>;
export type Slice = SliceValue;

/** A complex number, with or without `new`. */
export const Complex = makeComplex as unknown as Callable<ComplexValue, [re: number, im?: number]>;
export type Complex = ComplexValue;
