import { core as mx } from '../../mlx/index.ts';
import type { AttentionMask, KeyValueCache, MaskOptions, QuantizeCacheOptions } from './cache.ts';
import { maskBehind } from './masks.ts';
import { QuantizedKVCache } from './quantized-kv-cache.ts';

/** By how many positions it grows, so that most tokens are written in place. */
const STEP = 256;

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
    return this.arrays.reduce((sum, array) => sum + array.nbytes, 0);
  }

  get isTrimmable(): boolean {
    return true;
  }

  updateAndFetch(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    const start = this.#offset;
    const end = start + (keys.shape[2] as number);
    const at = mx.array([start], mx.int32);
    this.#keys = written(this.#keys, keys, at, start, end);
    this.#values = written(this.#values, values, at, start, end);
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

function upTo(array: mx.Array, end: number): mx.Array {
  return end < (array.shape[2] as number) ? array.index('...', new mx.Slice(0, end), new mx.Slice()) : array;
}

/**
 * The buffer with the new positions in it. The old one is freed at once: only what nothing else holds is written in
 * place, and a copy of all positions for each token would be the larger part of its time.
 */
function written(buffer: mx.Array | undefined, update: mx.Array, at: mx.Array, start: number, end: number): mx.Array {
  const grown = withRoom(buffer, update, start, end);
  const next = mx.sliceUpdate(grown, update, at, [2]);
  grown.dispose();
  return next;
}

function withRoom(buffer: mx.Array | undefined, update: mx.Array, start: number, end: number): mx.Array {
  if (buffer !== undefined && end <= (buffer.shape[2] as number)) return buffer;
  const [batch, heads, length, dims] = update.shape as [number, number, number, number];
  const room = mx.zeros([batch, heads, Math.ceil(length / STEP) * STEP, dims], update.dtype);
  if (buffer === undefined) return room;
  const grown = mx.concatenate([upTo(buffer, start), room], 2);
  buffer.dispose();
  return grown;
}
