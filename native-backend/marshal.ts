import { Dtype } from '../registry/dtypes.ts';
import { encode } from '../registry/elements.ts';
import type { Operation } from '../registry/operation.ts';
import { type Argument, Handle, type Result, Scalar } from '../registry/values.ts';
import type { Addon, CFunction } from './addon.ts';
import type { Slots } from './slots.ts';

const FFT_NORMS = ['backward', 'ortho', 'forward'];
/** The dtypes that the addon makes a 0-d array of straight from a number. */
const DIRECT_SCALARS = new Set(['bool', 'int32', 'float32', 'float64']);

/** Turns normalised arguments into what the addon's functions take. */
export class Marshal {
  readonly #addon: Addon;
  readonly #slots: Slots;

  constructor(addon: Addon, slots: Slots) {
    this.#addon = addon;
    this.#slots = slots;
  }

  scalar(scalar: Scalar): Handle {
    const { value, dtype } = scalar;
    if (DIRECT_SCALARS.has(dtype.name) && (typeof value === 'number' || typeof value === 'boolean')) {
      return this.#slots.adopt(this.#addon.scalar(Number(value), dtype.code));
    }
    return this.#slots.adopt(this.#addon.create(encode([value], dtype), [], dtype.code));
  }

  /** One argument in C's terms; `kind` is what the addon's signature says of the place. */
  argument(value: Argument, kind: string | undefined): unknown {
    if (value instanceof Handle) return value.slot;
    if (value === null || value === undefined) return undefined;
    if (value instanceof Scalar) return this.scalar(value).slot;
    if (value instanceof Dtype) return value.code;
    if (kind === 'fft_norm') return FFT_NORMS.indexOf(value as string);
    if (Array.isArray(value)) return kind === 'arrays' ? value.map((item) => this.argument(item, 'array')) : value;
    if ((kind === 'ints' || kind === 'int64s') && typeof value === 'number') return [value];
    if (kind === 'float' || kind === 'int') return Number(value);
    return value;
  }

  /** Calls a C function with arguments in C's order, the stream's index behind them. */
  call(name: string, args: readonly Argument[], stream: number | undefined): Result {
    const signature = this.#addon.signatures[name];
    const fn = this.#addon.functions[name];
    if (signature === undefined || fn === undefined) throw new RangeError(`the addon has no function ${name}`);
    const places = signature.parameters;
    const values: unknown[] = new Array(places.length + 1);
    for (let i = 0; i < places.length; i++) values[i] = this.argument(args[i], places[i]);
    values[places.length] = stream;
    const result = fn(...values);
    return typeof result === 'number' ? this.#slots.adopt(result) : this.#slots.adoptAll(result);
  }
}

/** Spreads pairs over two places, and leaves out the parameter at `without`. */
export function inOrder(operation: Operation, args: readonly Argument[], without = -1): Argument[] {
  const values: Argument[] = [];
  for (let i = 0; i < args.length; i++) {
    if (i === without) continue;
    if (operation.parameters[i]?.kind === 'pair') values.push(...(args[i] as readonly number[]));
    else values.push(args[i]);
  }
  return values;
}

export type { CFunction };
