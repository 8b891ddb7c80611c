import type { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { AttentionMask, KeyValueCache } from '../cache/cache.ts';
import { attend, joinHeads, splitHeads } from './attention.ts';
import type { Norm } from './model.ts';
import type { Rope } from './rope.ts';

export interface AttentionSettings {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** What scores are multiplied by. Default: `headDim ** -0.5`. */
  readonly scale?: number;
  /** Whether queries, keys and values have biases. Default: false. */
  readonly bias?: boolean;
  /** Whether the output has one. Default: as the others. */
  readonly outputBias?: boolean;
  /** null: no positions are encoded. */
  readonly rope: Rope | null;
  /** Makes a normalization of each head's queries and keys. Default: none. */
  readonly headNorm?: (dims: number) => Norm;
}

/** Attention of each position to those before it, with fewer keys than queries if need be. */
export class DecoderAttention extends nn.Module {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly scale: number;
  q_proj: nn.Linear;
  k_proj: nn.Linear;
  v_proj: nn.Linear;
  o_proj: nn.Linear;
  declare q_norm?: Norm;
  declare k_norm?: Norm;
  declare rope?: Rope;

  constructor(settings: AttentionSettings) {
    super();
    const { hiddenSize, heads, keyValueHeads, headDim, bias = false, outputBias = bias, rope, headNorm } = settings;
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.scale = settings.scale ?? headDim ** -0.5;
    this.q_proj = new nn.Linear(hiddenSize, heads * headDim, { bias });
    this.k_proj = new nn.Linear(hiddenSize, keyValueHeads * headDim, { bias });
    this.v_proj = new nn.Linear(hiddenSize, keyValueHeads * headDim, { bias });
    this.o_proj = new nn.Linear(heads * headDim, hiddenSize, { bias: outputBias });
    if (headNorm !== undefined) {
      this.q_norm = headNorm(headDim);
      this.k_norm = headNorm(headDim);
    }
    if (rope !== null) this.rope = rope;
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const offset = cache?.offset ?? 0;
    const queries = splitHeads(this.q_proj.forward(x), this.heads, this.q_norm);
    const keys = splitHeads(this.k_proj.forward(x), this.keyValueHeads, this.k_norm);
    const output = this.attend(
      this.rope?.forward(queries, offset) ?? queries,
      this.rope?.forward(keys, offset) ?? keys,
      splitHeads(this.v_proj.forward(x), this.keyValueHeads),
      mask,
      cache,
    );
    return this.o_proj.forward(joinHeads(output));
  }

  /** `[B, heads, L, headDim]` each. */
  protected attend(
    queries: mx.Array,
    keys: mx.Array,
    values: mx.Array,
    mask: AttentionMask,
    cache: KeyValueCache | null | undefined,
  ): mx.Array {
    return attend({ queries, keys, values, scale: this.scale, mask, cache });
  }
}
