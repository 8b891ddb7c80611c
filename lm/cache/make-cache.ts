import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { CausalModel } from '../models/model.ts';
import type { Caches } from './cache.ts';
import { KVCache } from './kv-cache.ts';
import { RotatingKVCache } from './rotating-kv-cache.ts';

/** The first positions, which a cache of a limited size never gives up (https://arxiv.org/abs/2309.17453). */
const KEEP = 4;

export interface PromptCacheOptions {
  /** How many positions each layer keeps at most; undefined: all. */
  readonly maxKvSize?: number | undefined;
}

/**
 * Empty caches for a model, one for each layer. `maxKvSize` limits those that would keep everything; layers that have
 * caches of their own kinds keep them.
 * @throws ArgumentError unless `maxKvSize` is a whole number greater than the 4 positions that are always kept
 */
export function makePromptCache(model: CausalModel, { maxKvSize }: PromptCacheOptions = {}): Caches {
  if (maxKvSize !== undefined && !(Number.isSafeInteger(maxKvSize) && maxKvSize > KEEP)) {
    throw new ArgumentError(`expected a whole number greater than ${KEEP} for "maxKvSize", received ${maxKvSize}`);
  }
  const caches = model.makeCache?.() ?? model.layers.map(() => new KVCache());
  if (maxKvSize === undefined) return caches;
  return caches.map((cache) => (cache.kind === 'KVCache' ? new RotatingKVCache(maxKvSize, KEEP) : cache));
}

/** Whether the last positions of all caches can be taken away. */
export function canTrimPromptCache(caches: Caches): boolean {
  return caches.every(({ isTrimmable }) => isTrimmable);
}

/**
 * Takes the last `count` positions away, and gives how many there were: none where one of the caches cannot be trimmed.
 * @throws ArgumentError unless `count` is a whole number of at least 0
 */
export function trimPromptCache(caches: Caches, count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`expected a whole number of at least 0 for "count", received ${count}`);
  }
  if (!canTrimPromptCache(caches)) return 0;
  return caches.map((cache) => cache.trim(count))[0] ?? 0;
}
