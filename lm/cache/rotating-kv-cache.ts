import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import { between, bytesOf, joined, roomFor, STEP, upTo, written } from './buffers.ts';
import type { AttentionMask, KeyValueCache, MaskOptions } from './cache.ts';
import { causalMask } from './masks.ts';

/** What a file keeps of one, and other caches are made from. */
export interface RotatingState {
  readonly keys: mx.Array;
  readonly values: mx.Array;
  /** How many positions the model has seen. */
  readonly offset: number;
  readonly keep: number;
  readonly maxSize: number;
  /** Where the next position goes. */
  readonly index: number;
}

/**
 * Keeps the first `keep` positions and the last ones, `maxSize` together; each new position takes the place of the
 * oldest of the others. `[B, heads, positions, dims]` each, which are in the order of time until it is full.
 */
export class RotatingKVCache implements KeyValueCache {
  readonly kind = 'RotatingKVCache';
  readonly maxSize: number;
  readonly keep: number;
  #keys: mx.Array | undefined;
  #values: mx.Array | undefined;
  #offset = 0;
  #index = 0;

  /** @throws ArgumentError unless `maxSize` is a whole number of at least 1, and `keep` a smaller one */
  constructor(maxSize: number, keep = 0) {
    if (!Number.isSafeInteger(maxSize) || maxSize < 1) {
      throw new ArgumentError(`expected a whole number of at least 1 for "maxSize", received ${maxSize}`);
    }
    if (!Number.isSafeInteger(keep) || keep < 0 || keep >= maxSize) {
      throw new ArgumentError(`expected a whole number from 0 to ${maxSize - 1} for "keep", received ${keep}`);
    }
    this.maxSize = maxSize;
    this.keep = keep;
  }

  get offset(): number {
    return this.#offset;
  }

  get arrays(): readonly mx.Array[] {
    return this.#keys === undefined ? [] : [this.#keys, this.#values as mx.Array];
  }

  get nbytes(): number {
    return bytesOf(this.arrays);
  }

  /** Once positions were overwritten, those before the last are gone. */
  get isTrimmable(): boolean {
    return this.#offset < this.maxSize;
  }

  updateAndFetch(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    return keys.shape[2] === 1 ? this.#replaceOldest(keys, values) : this.#append(keys, values);
  }

  /** Many positions at once: in the order of time, so that the first of them still sees `maxSize`. */
  #append(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    this.#keys = this.#appended(this.#keys, keys);
    this.#values = this.#appended(this.#values, values);
    this.#offset += keys.shape[2] as number;
    this.#index = this.#keys.shape[2] as number;
    return [this.#keys, this.#values];
  }

  #appended(buffer: mx.Array | undefined, update: mx.Array): mx.Array {
    if (buffer === undefined) return update;
    const parts = this.#inOrder(buffer);
    const length = parts.reduce((sum, part) => sum + (part.shape[2] as number), 0);
    const excess = length - this.maxSize + 1;
    if (excess <= 0) return joined(buffer, [...parts, update]);
    const ordered = parts.length === 1 ? (parts[0] as mx.Array) : mx.concatenate(parts, 2);
    return joined(buffer, [...this.#without(excess, ordered), update]);
  }

  #inOrder(buffer: mx.Array): mx.Array[] {
    if (this.#index === buffer.shape[2]) return [buffer];
    if (this.#index >= this.#offset) return [between(buffer, 0, this.#index)];
    return [between(buffer, 0, this.keep), between(buffer, this.#index, null), between(buffer, this.keep, this.#index)];
  }

  /** All but the first `count` after those that are kept. */
  #without(count: number, buffer: mx.Array): mx.Array[] {
    return [between(buffer, 0, this.keep), between(buffer, count + this.keep, null)];
  }

  #replaceOldest(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    const start = this.#offset;
    const capacity = this.#keys?.shape[2] ?? 0;
    if (this.#keys === undefined || (start >= capacity && capacity < this.maxSize)) {
      const room = Math.min(STEP, this.maxSize - start);
      this.#keys = grown(this.#keys, keys, room);
      this.#values = grown(this.#values, values, room);
      this.#index = start;
    }
    const excess = (this.#keys.shape[2] as number) - this.maxSize;
    if (excess > 0) {
      this.#keys = joined(this.#keys, this.#without(excess, this.#keys));
      this.#values = joined(this.#values as mx.Array, this.#without(excess, this.#values as mx.Array));
      this.#index = this.maxSize;
    }
    if (this.#index === this.maxSize) this.#index = this.keep;
    this.#keys = written(this.#keys, keys, this.#index);
    this.#values = written(this.#values as mx.Array, values, this.#index);
    this.#offset += 1;
    this.#index += 1;
    return [upTo(this.#keys, this.#offset), upTo(this.#values, this.#offset)];
  }

  makeMask(length: number, { windowSize, returnArray = false }: MaskOptions = {}): AttentionMask {
    if (length > 1) {
      const window = windowSize ?? this.maxSize;
      const offset = Math.min(this.maxSize - 1, this.#offset);
      return offset + length > window || returnArray ? causalMask(length, offset, window) : 'causal';
    }
    // One position sees all that is kept, unless it is to see less.
    if (windowSize === undefined || this.#offset < windowSize || this.maxSize <= windowSize) return null;
    const size = Math.min(this.#offset + 1, this.maxSize);
    const index = this.#index >= this.maxSize ? 0 : this.#index;
    return mx.roll(mx.arange(size).greaterEqual(size - windowSize), index + 1);
  }

  trim(count: number): number {
    const trimmed = Math.min(this.#offset, count);
    this.#offset -= trimmed;
    this.#index -= trimmed;
    return trimmed;
  }

  dispose(): void {
    for (const array of this.arrays) array.dispose();
    this.#keys = undefined;
    this.#values = undefined;
    this.#offset = 0;
    this.#index = 0;
  }

  /** Undefined before the first position. */
  get state(): RotatingState | undefined {
    if (this.#keys === undefined) return undefined;
    const { keep, maxSize } = this;
    const values = this.#values as mx.Array;
    return { keys: this.#keys, values, offset: this.#offset, keep, maxSize, index: this.#index };
  }

  static fromState({ keys, values, offset, keep, maxSize, index }: RotatingState): RotatingKVCache {
    const cache = new RotatingKVCache(maxSize, keep);
    cache.#keys = keys;
    cache.#values = values;
    cache.#offset = offset;
    cache.#index = index;
    return cache;
  }
}

function grown(buffer: mx.Array | undefined, update: mx.Array, positions: number): mx.Array {
  const room = roomFor(update, positions);
  return buffer === undefined ? room : joined(buffer, [buffer, room]);
}
