import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Caches } from './cache.ts';
import { type CacheState, cacheOf, stateOf } from './states.ts';

/** Another handle of the same values: the first write to either copies them. */
function shared(value: CacheState[number]): CacheState[number] {
  if (value === null || typeof value === 'number') return value;
  return Array.isArray(value) ? (value.map((part) => mx.array(part)) as typeof value) : mx.array(value as mx.Array);
}

/**
 * Caches with the same positions, which go on apart. Memory is taken when one of the two is written to.
 * @throws UnsupportedOperationError for caches of kinds whose state is not known
 */
export function copyPromptCache(caches: Caches): Caches {
  return caches.map((cache) => {
    const state = stateOf(cache);
    if (state === undefined) throw new UnsupportedOperationError(`caches of the kind "${cache.kind}" are not copied`);
    return cacheOf(cache.kind, state.map(shared), cache.kind);
  });
}
