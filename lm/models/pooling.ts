import { core as mx } from '../../mlx/index.ts';
import type { ConfigFields } from '../config/fields.ts';

/** Vectors of the tokens `[B, L, D]` and a mask `[B, L]` → one vector for each text `[B, D]`. */
export type Pooling = (hidden: mx.Array, mask: mx.Array) => mx.Array;

const shown = (hidden: mx.Array, mask: mx.Array): mx.Array => mx.expandDims(mask.astype(hidden.dtype), -1);
const total = (hidden: mx.Array, mask: mx.Array): mx.Array => hidden.multiply(shown(hidden, mask)).sum({ axis: 1 });
const count = (hidden: mx.Array, mask: mx.Array): mx.Array => mx.maximum(shown(hidden, mask).sum({ axis: 1 }), 1e-9);

/** The kinds of sentence-transformers, by the fields of `1_Pooling/config.json`, in the order of their parts. */
const POOLINGS: Readonly<Record<string, Pooling>> = {
  pooling_mode_cls_token: (hidden) => hidden.index(new mx.Slice(), 0),
  pooling_mode_max_tokens: (hidden, mask) => mx.where(shown(hidden, mask), hidden, -1e9).max({ axis: 1 }),
  pooling_mode_mean_tokens: (hidden, mask) => total(hidden, mask).divide(count(hidden, mask)),
  pooling_mode_mean_sqrt_len_tokens: (hidden, mask) => total(hidden, mask).divide(mx.sqrt(count(hidden, mask))),
};

const MEAN = POOLINGS['pooling_mode_mean_tokens'] as Pooling;

/**
 * The pooling that a config names, several joined at the last axis; the mean where there is no config.
 * @throws FileError for kinds that there are not, and for none
 */
export function poolingOf(config: ConfigFields | undefined): Pooling {
  if (config === undefined) return MEAN;
  const named = Object.keys(config.values).filter((key) => key.startsWith('pooling_mode_') && config.flag(key));
  const other = named.find((key) => !Object.hasOwn(POOLINGS, key));
  if (other !== undefined || named.length === 0) {
    throw config.error(`expected one of ${Object.keys(POOLINGS).join(', ')} to be true, received ${other ?? 'none'}`);
  }
  const parts = Object.entries(POOLINGS).flatMap(([key, pooling]) => (named.includes(key) ? [pooling] : []));
  if (parts.length === 1) return parts[0] as Pooling;
  return (hidden, mask) => {
    const vectors = parts.map((pool) => pool(hidden, mask));
    return mx.concatenate(vectors, -1);
  };
}

/** Each row of `[B, D]` with the length 1. */
export function normalized(vectors: mx.Array): mx.Array {
  const length = mx.sqrt(mx.square(vectors).sum({ axis: -1, keepdims: true }));
  return vectors.divide(mx.maximum(length, 1e-12));
}
