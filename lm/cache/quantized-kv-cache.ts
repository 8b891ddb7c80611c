import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { bytesOf, extended, upTo } from './buffers.ts';
import type { AttentionMask, Caches, KeyValueCache, MaskOptions, Quantized } from './cache.ts';
import { maskBehind } from './masks.ts';

/** What a file keeps of one. */
export interface QuantizedState {
  readonly keys: Quantized;
  readonly values: Quantized;
  readonly offset: number;
  readonly groupSize: number;
  readonly bits: number;
}

/** Keeps every position, quantized in groups along the dimensions of a head. */
export class QuantizedKVCache implements KeyValueCache {
  readonly kind = 'QuantizedKVCache';
  readonly groupSize: number;
  readonly bits: number;
  #keys: Quantized | undefined;
  #values: Quantized | undefined;
  #offset = 0;

  /** @throws ArgumentError for a size of groups or a number of bits that MLX does not have */
  constructor(groupSize = 64, bits = 8) {
    if (![32, 64, 128].includes(groupSize)) {
      throw new ArgumentError(`expected 32, 64 or 128 for "kvGroupSize", received ${groupSize}`);
    }
    if (![2, 3, 4, 5, 6, 8].includes(bits)) {
      throw new ArgumentError(`expected 2, 3, 4, 5, 6 or 8 for "kvBits", received ${bits}`);
    }
    this.groupSize = groupSize;
    this.bits = bits;
  }

  get offset(): number {
    return this.#offset;
  }

  get arrays(): readonly mx.Array[] {
    return this.#keys === undefined ? [] : [...this.#keys, ...(this.#values as Quantized)];
  }

  get nbytes(): number {
    return bytesOf(this.arrays);
  }

  get isTrimmable(): boolean {
    return true;
  }

  updateAndFetch(keys: mx.Array, values: mx.Array): [Quantized, Quantized] {
    const end = this.#offset + (keys.shape[2] as number);
    this.#keys = this.#extended(this.#keys, this.#quantized(keys));
    this.#values = this.#extended(this.#values, this.#quantized(values));
    this.#offset = end;
    return [each(this.#keys, (array) => upTo(array, end)), each(this.#values, (array) => upTo(array, end))];
  }

  /** The first positions of a cache that keeps them as they are; for empty caches alone. */
  take(keys: mx.Array, values: mx.Array, offset: number): void {
    this.#keys = this.#quantized(keys);
    this.#values = this.#quantized(values);
    this.#offset = offset;
  }

  #quantized(array: mx.Array): Quantized {
    return mx.quantize(array, this.groupSize, this.bits) as unknown as Quantized;
  }

  #extended(buffers: Quantized | undefined, update: Quantized): Quantized {
    return each(update, (part, index) => extended(buffers?.[index], part, this.#offset));
  }

  makeMask(length: number, options?: MaskOptions): AttentionMask {
    return maskBehind(length, this.#offset, options);
  }

  trim(count: number): number {
    const trimmed = Math.min(this.#offset, count);
    this.#offset -= trimmed;
    return trimmed;
  }

  dispose(): void {
    for (const array of this.arrays) array.dispose();
    this.#keys = undefined;
    this.#values = undefined;
    this.#offset = 0;
  }

  /** Undefined before the first position. */
  get state(): QuantizedState | undefined {
    if (this.#keys === undefined) return undefined;
    const { groupSize, bits } = this;
    return { keys: this.#keys, values: this.#values as Quantized, offset: this.#offset, groupSize, bits };
  }

  static fromState({ keys, values, offset, groupSize, bits }: QuantizedState): QuantizedKVCache {
    const cache = new QuantizedKVCache(groupSize, bits);
    cache.#keys = keys;
    cache.#values = values;
    cache.#offset = offset;
    return cache;
  }
}

function each(of: Quantized, change: (array: mx.Array, index: number) => mx.Array): Quantized {
  return of.map(change) as Quantized;
}

export interface KVQuantizationOptions {
  /** How many bits an element of keys and values gets; undefined: they are kept as they are. */
  readonly kvBits?: number | undefined;
  /** Default: 64. */
  readonly kvGroupSize?: number | undefined;
  /** From how many positions on they are quantized. Default: 5000. */
  readonly quantizedKvStart?: number | undefined;
}

/**
 * What `generateSteps` calls after each computation, to quantize caches once they are long enough.
 * @throws ArgumentError for options that MLX does not have; UnsupportedOperationError when a cache cannot be quantized
 */
export function makeCacheQuantizer(options: KVQuantizationOptions): ((caches: Caches) => void) | undefined {
  const { kvBits: bits, kvGroupSize: groupSize = 64, quantizedKvStart: start = 5000 } = options;
  if (bits === undefined) return undefined;
  new QuantizedKVCache(groupSize, bits).dispose();
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new ArgumentError(`expected a whole number of at least 0 for "quantizedKvStart", received ${start}`);
  }
  return (caches) => {
    caches.forEach((cache, index) => {
      if (typeof cache.offset !== 'number' || cache.offset < start || cache.bits !== undefined) return;
      if (cache.kind === 'RotatingKVCache') {
        throw new UnsupportedOperationError('a cache of a limited size cannot be quantized: leave out "kvBits"');
      }
      if (cache.toQuantized === undefined) return;
      caches[index] = cache.toQuantized({ groupSize, bits });
      cache.dispose();
    });
  };
}
