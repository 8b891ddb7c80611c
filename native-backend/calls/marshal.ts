import { Dtype } from '../../foundation/values/dtypes.ts';
import { encode } from '../../foundation/values/elements.ts';
import { type Argument, type Element, Handle, type Result, Scalar } from '../../foundation/values/values.ts';
import type { Addon, CFunction } from '../addon/addon.ts';
import { throwingFunction } from '../addon/failure.ts';
import type { Slots } from '../handles/slots.ts';

const FFT_NORMS = ['backward', 'ortho', 'forward'];
/** The dtypes that the addon makes a 0-d array of straight from a number. */
const DIRECT_SCALARS = new Set(['bool', 'int32', 'float32', 'float64']);
/** Weak scalars repeat: 0.5, 1, 2. So many of each dtype are kept. */
const KEPT_SCALARS = 256;

/** The addon takes so many integers of a list in the call itself, their number first. */
const MOST_INLINE = 8;

/** A C function with arguments in C's order, then the stream's index or undefined. */
export type CCall = (args: readonly Argument[], stream: number | undefined) => Result;

/** Turns normalised arguments into what the addon's functions take. */
export class Marshal {
  readonly #addon: Addon;
  readonly #slots: Slots;
  readonly #calls = new Map<string, CCall>();
  readonly #scalars: Map<Element, Handle>[] = [];

  constructor(addon: Addon, slots: Slots) {
    this.#addon = addon;
    this.#slots = slots;
  }

  scalar({ value, dtype }: Scalar): Handle {
    // A Map takes -0 for 0.
    if (typeof value !== 'number' || Object.is(value, -0)) return this.#newScalar(value, dtype);
    let kept = this.#scalars[dtype.code];
    const known = kept?.get(value);
    if (known !== undefined) return known;
    const handle = this.#newScalar(value, dtype);
    if (kept === undefined || kept.size >= KEPT_SCALARS) {
      // A map that is cleared keeps what was in it, see `loweringContext`.
      kept = new Map();
      this.#scalars[dtype.code] = kept;
    }
    kept.set(value, handle);
    return handle;
  }

  /** At the end of a scope, which frees what was made in it. */
  forgetScalars(): void {
    this.#scalars.length = 0;
  }

  /** The function of that name, ready to be called. */
  bound(name: string): CCall {
    let call = this.#calls.get(name);
    if (call === undefined) {
      call = this.#bind(name);
      this.#calls.set(name, call);
    }
    return call;
  }

  #bind(name: string): CCall {
    const signature = this.#addon.signatures[name];
    const fn = this.#addon.functions[name];
    if (signature === undefined || fn === undefined) throw new RangeError(`the addon has no function ${name}`);
    const kinds = signature.parameters;
    if (signature.result === 'data') {
      const checked = throwingFunction(fn);
      return (args, stream) => this.#apply(checked, kinds, args, stream) as Result;
    }
    if (signature.result === 'array') {
      return (args, stream) => this.#slots.adopt(this.#apply(fn, kinds, args, stream) as number);
    }
    return (args, stream) => this.#slots.adoptAll(this.#apply(fn, kinds, args, stream) as number[]);
  }

  #apply(fn: CFunction, kinds: readonly string[], args: readonly Argument[], stream: number | undefined) {
    const values: unknown[] = [];
    for (let i = 0; i < kinds.length; i++) {
      const kind = kinds[i];
      const value = this.value(args[i], kind);
      if ((kind === 'ints' || kind === 'int64s') && Array.isArray(value) && value.length <= MOST_INLINE) {
        values.push(value.length);
        for (let j = 0; j < value.length; j++) values.push(value[j]);
      } else {
        values.push(value);
      }
    }
    values.push(stream);
    // Spreading a list costs about as much as a small operation, so the usual lengths are written out.
    switch (values.length) {
      case 2:
        return fn(values[0], values[1]);
      case 3:
        return fn(values[0], values[1], values[2]);
      case 4:
        return fn(values[0], values[1], values[2], values[3]);
      case 5:
        return fn(values[0], values[1], values[2], values[3], values[4]);
      case 6:
        return fn(values[0], values[1], values[2], values[3], values[4], values[5]);
      case 7:
        return fn(values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
      case 8:
        return fn(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
      case 9:
        return fn(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8]);
      default:
        return fn(...values);
    }
  }

  /** One argument in C's terms; `kind` is what the addon's signature says of the place. */
  value(value: Argument, kind: string | undefined): unknown {
    if (value instanceof Handle) return value.slot;
    if (value === null || value === undefined) return undefined;
    if (value instanceof Scalar) return this.scalar(value).slot;
    if (value instanceof Dtype) return value.code;
    if (Array.isArray(value)) return kind === 'arrays' ? value.map((item) => this.value(item, 'array')) : value;
    switch (kind) {
      case 'fft_norm':
        return FFT_NORMS.indexOf(value as string);
      case 'ints':
      case 'int64s':
        return [value];
      case 'float':
      case 'int':
        return Number(value);
      default:
        return value;
    }
  }

  #newScalar(value: Element, dtype: Dtype): Handle {
    if (DIRECT_SCALARS.has(dtype.name) && (typeof value === 'number' || typeof value === 'boolean')) {
      return this.#slots.adopt(this.#addon.scalar(Number(value), dtype.code));
    }
    return this.#slots.adopt(this.#addon.create(encode([value], dtype), [], dtype.code));
  }
}
