import { FileError } from '../../foundation/errors/errors.ts';
import type { core as mx } from '../../mlx/index.ts';
import type { KeyValueCache, Quantized } from './cache.ts';
import { KVCache } from './kv-cache.ts';
import { QuantizedKVCache } from './quantized-kv-cache.ts';
import { RotatingKVCache } from './rotating-kv-cache.ts';

/** A cache as mlx_lm's files have it: arrays, numbers, and null for keys that are not there yet, in Python's order. */
export type CacheState = readonly (mx.Array | Quantized | number | null)[];

const isTensor = (value: CacheState[number] | undefined): value is mx.Array =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Heads and dimensions of keys and values. */
export interface CacheSizes {
  readonly heads: number;
  readonly keyDims: number;
  readonly valueDims: number;
}

/** How one class of mlx_lm is read and written. */
interface Codec {
  write(cache: KeyValueCache): CacheState;
  read(state: StateReader): KeyValueCache;
}

/** Reads the places of one cache's state, each checked. */
class StateReader {
  readonly #state: CacheState;
  readonly #where: string;

  constructor(state: CacheState, where: string) {
    this.#state = state;
    this.#where = where;
  }

  fail(expected: string): FileError {
    return new FileError(`${this.#where}: expected ${expected}`);
  }

  get isEmpty(): boolean {
    return this.#state[0] === null && this.#state[1] === null;
  }

  #checked(value: CacheState[number] | undefined): mx.Array {
    const array = isTensor(value) ? value : undefined;
    if (array?.ndim === 4 && array.shape[0] === 1) return array;
    throw this.fail('keys and values of 4 dimensions, for one sequence');
  }

  array(place: number): mx.Array {
    return this.#checked(this.#state[place]);
  }

  quantized(place: number): Quantized {
    const parts = this.#state[place];
    if (!Array.isArray(parts) || parts.length !== 3) throw this.fail('quantized keys and values of three arrays');
    return parts.map((part) => this.#checked(part)) as Quantized;
  }

  number(place: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#state[place];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw this.fail(`a whole number from ${least} to ${most} at place ${place} of its state, found ${value}`);
  }
}

const sameLength = (reader: StateReader, arrays: readonly mx.Array[]): number => {
  const [first, ...others] = arrays.map(({ shape }) => shape[2] as number);
  if (others.some((length) => length !== first)) throw reader.fail('keys and values of as many positions');
  return first as number;
};

const codecs: Readonly<Record<string, Codec>> = {
  KVCache: {
    write(cache) {
      const state = (cache as KVCache).state;
      return state === undefined ? [null, null, 0] : [state.keys, state.values, state.offset];
    },
    read(reader) {
      if (reader.isEmpty) return new KVCache();
      const [keys, values] = [reader.array(0), reader.array(1)];
      return KVCache.fromState(keys, values, reader.number(2, 0, sameLength(reader, [keys, values])));
    },
  },
  QuantizedKVCache: {
    write(cache) {
      const { state, groupSize, bits } = cache as QuantizedKVCache;
      return [state?.keys ?? null, state?.values ?? null, state?.offset ?? 0, groupSize, bits];
    },
    read(reader) {
      const [groupSize, bits] = [reader.number(3, 1), reader.number(4, 1)];
      if (reader.isEmpty) return new QuantizedKVCache(groupSize, bits);
      const [keys, values] = [reader.quantized(0), reader.quantized(1)];
      const offset = reader.number(2, 0, sameLength(reader, [...keys, ...values]));
      return QuantizedKVCache.fromState({ keys, values, offset, groupSize, bits });
    },
  },
  RotatingKVCache: {
    write(cache) {
      const { state, keep, maxSize } = cache as RotatingKVCache;
      if (state === undefined) return [null, null, 0, keep, maxSize, 0];
      return [state.keys, state.values, state.offset, keep, maxSize, state.index];
    },
    read(reader) {
      const [keep, maxSize] = [reader.number(3, 0), reader.number(4, 1)];
      if (reader.isEmpty) return new RotatingKVCache(maxSize, keep);
      const [keys, values] = [reader.array(0), reader.array(1)];
      const index = reader.number(5, 0, sameLength(reader, [keys, values]));
      return RotatingKVCache.fromState({ keys, values, offset: reader.number(2, 0), keep, maxSize, index });
    },
  },
};

/** The state of a cache; undefined for kinds that no file is written of. */
export function stateOf(cache: KeyValueCache): CacheState | undefined {
  return codecs[cache.kind]?.write(cache);
}

/**
 * A cache of a class of mlx_lm with this state.
 * @throws FileError for a class that is not read here, or a state that is none of it
 */
export function cacheOf(kind: string, state: CacheState, where: string): KeyValueCache {
  const codec = Object.hasOwn(codecs, kind) ? codecs[kind] : undefined;
  if (codec !== undefined) return codec.read(new StateReader(state, where));
  throw new FileError(`${where}: caches of the kind "${kind}" are not read (${Object.keys(codecs).join(', ')} are)`);
}

/** Undefined for a cache without positions. */
export function sizesOf(cache: KeyValueCache): CacheSizes | undefined {
  const [keys, values = null] = stateOf(cache) ?? [null];
  if (!keys || !values || typeof keys === 'number' || typeof values === 'number') return undefined;
  const width = (given: mx.Array | Quantized): number =>
    isTensor(given)
      ? (given.shape[3] as number)
      : Math.round(((given[0].shape[3] as number) * 32) / (cache.bits as number));
  const heads = (isTensor(keys) ? keys : keys[0]).shape[1] as number;
  return { heads, keyDims: width(keys), valueDims: width(values) };
}
