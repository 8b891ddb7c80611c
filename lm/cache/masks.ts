import { core as mx } from '../../mlx/index.ts';
import type { AttentionMask, KeyValueCache, MaskOptions } from './cache.ts';

/** `[L, offset + L]`: true where position `offset + i` sees position `j`, at most `windowSize` of them back. */
export function causalMask(length: number, offset = 0, windowSize?: number): mx.Array {
  const keys = mx.arange(offset + length);
  const queries = (offset === 0 ? keys : mx.arange(offset, offset + length)).index('...', null);
  const row = keys.index(null);
  const mask = queries.greaterEqual(row);
  return windowSize === undefined ? mask : mx.logicalAnd(mask, queries.less(row.add(windowSize)));
}

/** The mask of a cache that keeps every position. */
export function maskBehind(length: number, offset: number, options: MaskOptions = {}): AttentionMask {
  const { windowSize, returnArray = false } = options;
  if (windowSize !== undefined) return causalMask(length, offset, windowSize);
  if (length === 1) return null;
  return returnArray ? causalMask(length, offset) : 'causal';
}

/** The mask for hidden states `[B, L, D]`, whose positions follow those of the cache. */
export function attentionMask(
  hidden: mx.Array,
  cache: KeyValueCache | null | undefined,
  options: MaskOptions = {},
): AttentionMask {
  const length = hidden.shape[1] as number;
  if (cache) return cache.makeMask(length, options);
  if (length === 1) return null;
  const { windowSize, returnArray } = options;
  if (returnArray || (windowSize !== undefined && length > windowSize)) return causalMask(length, 0, windowSize);
  return 'causal';
}
