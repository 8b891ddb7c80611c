import type { core as mx } from '../../mlx/index.ts';
import { bytesOf, extended, upTo } from './buffers.ts';
import type { AttentionMask, KeyValueCache, MaskOptions, QuantizeCacheOptions } from './cache.ts';
import { maskBehind } from './masks.ts';
import { QuantizedKVCache } from './quantized-kv-cache.ts';

/** Keeps every position. `[B, heads, capacity, dims]` each, of which the first `offset` positions are in use. */
export class KVCache implements KeyValueCache {
  readonly kind = 'KVCache';
  #keys: mx.Array | undefined;
  #values: mx.Array | undefined;
  #offset = 0;

  get offset(): number {
    return this.#offset;
  }

  get arrays(): readonly mx.Array[] {
    return this.#keys === undefined ? [] : [this.#keys, this.#values as mx.Array];
  }

  get nbytes(): number {
    return bytesOf(this.arrays);
  }

  get isTrimmable(): boolean {
    return true;
  }

  updateAndFetch(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    const start = this.#offset;
    const end = start + (keys.shape[2] as number);
    this.#keys = extended(this.#keys, keys, start);
    this.#values = extended(this.#values, values, start);
    this.#offset = end;
    return [upTo(this.#keys, end), upTo(this.#values, end)];
  }

  makeMask(length: number, options?: MaskOptions): AttentionMask {
    return maskBehind(length, this.#offset, options);
  }

  trim(count: number): number {
    const trimmed = Math.min(this.#offset, count);
    this.#offset -= trimmed;
    return trimmed;
  }

  toQuantized({ groupSize, bits }: QuantizeCacheOptions): QuantizedKVCache {
    const cache = new QuantizedKVCache(groupSize, bits);
    if (this.#keys !== undefined) cache.take(this.#keys, this.#values as mx.Array, this.#offset);
    return cache;
  }

  dispose(): void {
    for (const array of this.arrays) array.dispose();
    this.#keys = undefined;
    this.#values = undefined;
    this.#offset = 0;
  }

  /** The positions in use, for files and for other caches. */
  get state(): { keys: mx.Array; values: mx.Array; offset: number } | undefined {
    if (this.#keys === undefined) return undefined;
    return { keys: this.#keys, values: this.#values as mx.Array, offset: this.#offset };
  }

  static fromState(keys: mx.Array, values: mx.Array, offset: number): KVCache {
    const cache = new KVCache();
    cache.#keys = keys;
    cache.#values = values;
    cache.#offset = offset;
    return cache;
  }
}
