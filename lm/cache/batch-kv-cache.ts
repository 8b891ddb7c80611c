import { core as mx } from '../../mlx/index.ts';
import { between, bytesOf, STEP, written } from './buffers.ts';
import type { AttentionMask, KeyValueCache, MaskOptions } from './cache.ts';
import { KVCache } from './kv-cache.ts';
import { causalMask, maskBehind } from './masks.ts';

/**
 * Keeps every position of several sequences, `[B, heads, capacity, dims]`, which all end at the same place: shorter ones
 * have unused positions before them. Sequences come and go between steps.
 */
export class BatchKVCache implements KeyValueCache {
  readonly kind = 'BatchKVCache';
  #keys: mx.Array | undefined;
  #values: mx.Array | undefined;
  /** How many positions are in use, those before shorter sequences among them. */
  #end = 0;
  /** How many positions there are before each sequence. */
  #padding: number[];

  /** @param padding before each sequence, of those that begin together */
  constructor(padding: readonly number[] = []) {
    this.#padding = [...padding];
  }

  /** `[B]`: how many positions of each sequence the model has seen. */
  get offset(): mx.Array {
    return mx.array(
      this.#padding.map((padding) => this.#end - padding),
      mx.int32,
    );
  }

  get arrays(): readonly mx.Array[] {
    return this.#keys === undefined ? [] : [this.#keys, this.#values as mx.Array];
  }

  get state(): KVCache['state'] {
    if (this.#keys === undefined) return undefined;
    return { keys: this.#keys, values: this.#values as mx.Array, offset: this.#end };
  }

  get nbytes(): number {
    return bytesOf(this.arrays);
  }

  get isTrimmable(): boolean {
    return true;
  }

  #replace(keys: mx.Array | undefined, values: mx.Array | undefined, end: number): void {
    this.#keys?.dispose();
    this.#values?.dispose();
    this.#keys = keys;
    this.#values = values;
    this.#end = end;
  }

  updateAndFetch(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    const start = this.#end;
    const end = start + (keys.shape[2] as number);
    this.#keys = extended(this.#keys, keys, start, end);
    this.#values = extended(this.#values, values, start, end);
    this.#end = end;
    return [between(this.#keys, 0, end), between(this.#values, 0, end)];
  }

  makeMask(length: number, options: MaskOptions = {}): AttentionMask {
    if (this.#padding.every((padding) => padding === 0)) return maskBehind(length, this.#end, options);
    const mask = causalMask(length, this.#end, options.windowSize);
    const used = mx
      .array(this.#padding, mx.int32)
      .reshape(-1, 1, 1, 1)
      .lessEqual(mx.arange(this.#end + length));
    return mx.logicalAnd(mask, used);
  }

  trim(count: number): number {
    const trimmed = Math.min(this.#end, count);
    this.#end -= trimmed;
    return trimmed;
  }

  /** Adds a sequence behind the others, or those of another batch, and frees its cache, which has at least one position. */
  add(cache: KVCache | BatchKVCache): void {
    const { keys, values, offset } = cache.state as NonNullable<KVCache['state']>;
    const padding = cache instanceof BatchKVCache ? cache.#padding : [0];
    const end = Math.max(this.#end, offset);
    const shift = end - this.#end;
    const joined = (own: mx.Array | undefined, added: mx.Array): mx.Array => {
      const rows = own === undefined ? [] : [aligned(own, this.#end, end)];
      return mx.concatenate([...rows, aligned(added, offset, end)], 0);
    };
    const [allKeys, allValues] = mx.tidy(() => [joined(this.#keys, keys), joined(this.#values, values)] as const);
    const moved = (paddings: readonly number[], by: number) => paddings.map((before) => before + by);
    this.#padding = [...moved(this.#padding, shift), ...moved(padding, end - offset)];
    this.#replace(allKeys, allValues, end);
    cache.dispose();
  }

  /** Leaves only these sequences, and no positions that none of them uses. */
  filter(rows: readonly number[]): void {
    const kept = rows.map((row) => this.#padding[row] as number);
    const unused = rows.length === 0 ? 0 : kept.reduce((least, padding) => Math.min(least, padding));
    const taken = (array: mx.Array) => {
      const some = mx.take(array, mx.array([...rows], mx.int32), 0);
      return unused === 0 ? some : between(some, unused, null);
    };
    this.#padding = kept.map((padding) => padding - unused);
    if (rows.length === 0) this.#replace(undefined, undefined, 0);
    else {
      const [keys, values] = mx.tidy(() => this.arrays.map(taken));
      this.#replace(keys, values, this.#end - unused);
    }
  }

  /** A copy of one sequence. */
  extract(row: number): KVCache {
    const padding = this.#padding[row] as number;
    const one = (array: mx.Array) =>
      mx.contiguous(array.index(new mx.Slice(row, row + 1), new mx.Slice(), new mx.Slice(padding, this.#end)));
    const [keys, values] = mx.tidy(() => this.arrays.map(one)) as [mx.Array, mx.Array];
    return KVCache.fromState(keys, values, this.#end - padding);
  }

  dispose(): void {
    this.filter([]);
  }
}

/** The first `used` positions, which are to end at `end`, with room for at least `least` positions in all. */
function aligned(array: mx.Array, used: number, end: number, least = end + 1): mx.Array {
  const right = Math.ceil(least / STEP) * STEP - end;
  return mx.pad(between(array, 0, used), [
    [0, 0],
    [0, 0],
    [end - used, right],
    [0, 0],
  ]);
}

/** The buffer, if there is one, with new positions from `start` to `end`. */
function extended(buffer: mx.Array | undefined, update: mx.Array, start: number, end: number): mx.Array {
  if (buffer === undefined) return mx.tidy(() => aligned(update, end, end));
  if (end <= (buffer.shape[2] as number)) return written(buffer, update, start);
  const grown = aligned(buffer, start, start, end);
  buffer.dispose();
  return written(grown, update, start);
}
