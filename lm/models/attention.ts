import { core as mx } from '../../mlx/index.ts';
import { treeMap } from '../../mlx/utils/index.ts';
import type { AttentionMask, KeyValueCache, Quantized } from '../cache/cache.ts';
import type { Norm } from './model.ts';

export interface AttentionInput {
  /** `[B, heads, L, dims]`, rotated. */
  readonly queries: mx.Array;
  /** `[B, keyValueHeads, L, dims]`, rotated; of the new positions alone. */
  readonly keys: mx.Array;
  readonly values: mx.Array;
  readonly scale: number;
  readonly mask: AttentionMask;
  readonly cache: KeyValueCache | null | undefined;
  /** `[heads]`: a score that takes part in the softmax and has no value. */
  readonly sinks?: mx.Array | null;
}

/** Attention of the new positions to those in the cache and to each other. → `[B, heads, L, dims]` */
export function attend(input: AttentionInput): mx.Array {
  const { queries, keys, values, scale, mask, cache, sinks = null } = input;
  if (!cache) return mx.fast.scaledDotProductAttention(queries, keys, values, { scale, mask, sinks });
  const [allKeys, allValues] = cache.updateAndFetch(keys, values);
  if (Array.isArray(allKeys)) return quantizedAttention(input, allKeys, allValues as Quantized, cache);
  return mx.fast.scaledDotProductAttention(queries, allKeys, allValues as mx.Array, { scale, mask, sinks });
}

function quantizedAttention(
  { queries, scale, mask }: AttentionInput,
  keys: Quantized,
  values: Quantized,
  { groupSize, bits }: KeyValueCache,
): mx.Array {
  const [batch, heads, length, dims] = queries.shape as [number, number, number, number];
  const keyHeads = keys[0].shape.at(-3) as number;
  const repeats = heads / keyHeads;
  const how = { groupSize: groupSize as number, bits: bits as number };
  let scaled = queries.multiply(scale);
  let shownMask = maskArray(mask, length, keys[0].shape.at(-2) as number);
  if (repeats > 1) {
    scaled = scaled.reshape(batch, keyHeads, repeats, length, dims);
    keys = treeMap((array) => mx.expandDims(array as mx.Array, -3), keys) as Quantized;
    values = treeMap((array) => mx.expandDims(array as mx.Array, -3), values) as Quantized;
    if (shownMask !== null && shownMask.ndim > 3) shownMask = mx.expandDims(shownMask, -3);
  }
  let scores = mx.quantizedMatmul(scaled, ...keys, { transpose: true, ...how });
  if (shownMask !== null) {
    scores =
      shownMask.dtype === mx.bool_ ? mx.where(shownMask, scores, mx.finfo(scores.dtype).min) : scores.add(shownMask);
  }
  const weights = mx.softmax(scores, { axis: -1, precise: true });
  const output = mx.quantizedMatmul(weights, ...values, { transpose: false, ...how });
  return repeats > 1 ? output.reshape(batch, heads, length, dims) : output;
}

function maskArray(mask: AttentionMask, length: number, total: number): mx.Array | null {
  if (mask !== 'causal') return mask;
  return mx
    .arange(total - length, total)
    .index('...', null)
    .greaterEqual(mx.arange(total).index(null));
}

/**
 * `[B, L, heads · dims]` → `[B, heads, L, dims]`
 * @param norm of the dims of each head
 */
export function splitHeads(x: mx.Array, heads: number, norm?: Norm): mx.Array {
  const [batch, length] = x.shape as [number, number];
  const apart = x.reshape(batch, length, heads, -1);
  return (norm?.forward(apart) ?? apart).transpose(0, 2, 1, 3);
}

/** `[B, heads, L, dims]` → `[B, L, heads · dims]` */
export function joinHeads(x: mx.Array): mx.Array {
  const [batch, , length] = x.shape as [number, number, number];
  return x.transpose(0, 2, 1, 3).reshape(batch, length, -1);
}
