import type { core as mx } from '../../mlx/index.ts';

/** What a position may attend to: all before it, what an array says, or everything. */
export type AttentionMask = 'causal' | mx.Array | null;

export interface MaskOptions {
  /** How many positions back a position sees; undefined: all. */
  readonly windowSize?: number | undefined;
  /** Whether the mask has to be an array. */
  readonly returnArray?: boolean;
}

/** The three arrays of a quantized tensor: weights, scales, biases. */
export type Quantized = [mx.Array, mx.Array, mx.Array];

export interface QuantizeCacheOptions {
  readonly groupSize: number;
  readonly bits: number;
}

/** Keys and values of one attention layer, of all positions so far. */
export interface KeyValueCache {
  /** The class in `mlx_lm.models.cache` whose files this one reads and writes. */
  readonly kind: string;
  /** How many positions the model has seen; `[B]` where each sequence of a batch has its own. */
  readonly offset: number | mx.Array;
  /** The bits of one element, if keys and values are kept quantized. */
  readonly bits?: number;
  readonly groupSize?: number;
  /** Appends `[B, heads, L, dims]` each, and gives what the new positions attend to. */
  updateAndFetch(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] | [Quantized, Quantized];
  /** The mask for the next `length` positions. */
  makeMask(length: number, options?: MaskOptions): AttentionMask;
  /** Its arrays, to be evaluated or kept. */
  readonly arrays: readonly mx.Array[];
  readonly nbytes: number;
  /** Whether the last positions can be taken away again. */
  readonly isTrimmable: boolean;
  /** Takes the last `count` positions away, and gives how many there were. */
  trim(count: number): number;
  /** The same positions with keys and values quantized; absent where that is not possible. */
  toQuantized?(options: QuantizeCacheOptions): KeyValueCache;
  /** Frees its arrays. */
  dispose(): void;
}

/** One for each layer. What quantizes a cache puts another in its place. */
export type Caches = KeyValueCache[];
