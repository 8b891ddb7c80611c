import { checkReceivers, hasOwnField } from '../errors/receivers.ts';
import type { Dtype } from './dtypes.ts';
import type { Session } from './session.ts';

/** A complex number as JavaScript passes and reads it. */
export class Complex {
  readonly re: number;
  readonly im: number;

  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }

  toString(): string {
    return `${this.re}${this.im < 0 || Object.is(this.im, -0) ? '-' : '+'}${Math.abs(this.im)}j`;
  }
}

checkReceivers(Complex.prototype, 'mx.Complex', (value) => hasOwnField(value, 're'));

/** What one element reads as: int64 and uint64 as bigint, complex64 as `Complex`. */
export type Element = number | bigint | boolean | Complex;

/** An operand given as a number, with the dtype that the rules for weak scalars give it. */
export class Scalar {
  readonly value: Element;
  readonly dtype: Dtype;

  constructor(value: Element, dtype: Dtype) {
    this.value = value;
    this.dtype = dtype;
  }
}

/** `start:stop:step` of an index; null is Python's empty place. */
export class Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;

  constructor(start: number | null, stop: number | null, step: number | null) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** A group of processes that compute together, by the number that the native backend gave it. */
export class GroupReference {
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }
}

/**
 * A JavaScript function that the other end of a backend may call: it is given what calls give back, and gives what calls
 * take. A promise will do only where the call that it is part of is itself awaited.
 */
export class Callback {
  readonly run: CallbackFunction;

  constructor(run: CallbackFunction) {
    this.run = run;
  }
}

export type CallbackFunction = (
  args: readonly Result[],
  keywords: { readonly [name: string]: Result },
) => Argument | Promise<Argument>;

/** A tensor as one backend knows it. Drop the handle and its owner is collected, which frees the slot. */
export class Handle {
  readonly slot: number;
  readonly owner: object;
  /** Frees the tensor when it ends; undefined: no session does. */
  session: Session | undefined;

  constructor(slot: number, owner: object, session?: Session) {
    this.slot = slot;
    this.owner = owner;
    this.session = session;
  }
}

/** The tensor of another handle, lent to one more array: it ends with that handle, and is not freed with this one. */
export class LentHandle extends Handle {
  constructor({ slot, owner, session }: Handle) {
    super(slot, owner, session);
  }
}

/** One part of an index, `T` being how a tensor is written. */
export type IndexPart<T> = number | Slice | null | '...' | T;

/** A normalised argument as a backend receives it: the parameter's kind says which of these it is. */
export type Argument =
  | Handle
  | Callback
  | Scalar
  | Slice
  | Dtype
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | readonly Argument[]
  | { readonly [key: string]: Argument };

/** What a backend gives back: a tensor, plain data, or a tree of both. */
export type Result =
  | Handle
  | number
  | bigint
  | boolean
  | string
  | null
  | readonly Result[]
  | { readonly [key: string]: Result };

export type DeviceType = 'cpu' | 'gpu';

/** Where to run: a device's default stream, or one stream of it. */
export interface StreamRef {
  readonly device: DeviceType;
  /** null: the default stream of the device. */
  readonly index: number | null;
}
