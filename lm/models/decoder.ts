import type { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { AttentionMask, Caches, KeyValueCache } from '../cache/cache.ts';
import { KVCache } from '../cache/kv-cache.ts';
import { attentionMask } from '../cache/masks.ts';
import { RotatingKVCache } from '../cache/rotating-kv-cache.ts';
import type { Norm } from './model.ts';

/** Attention, as a layer has it. */
interface AttentionModule extends nn.Module {
  forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array;
}

/** One layer of a decoder. */
export interface DecoderLayer extends nn.Module {
  forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array;
}

export interface BlockSettings {
  readonly hiddenSize: number;
  readonly normEps: number;
  readonly attention: AttentionModule;
  readonly mlp: nn.Module & { forward(x: mx.Array): mx.Array };
}

/** Attention and MLP, each with a normalization before it and a connection around both. */
export class DecoderBlock extends nn.Module implements DecoderLayer {
  self_attn: AttentionModule;
  mlp: BlockSettings['mlp'];
  input_layernorm: nn.RMSNorm;
  post_attention_layernorm: nn.RMSNorm;

  constructor({ hiddenSize, normEps: eps, attention, mlp }: BlockSettings) {
    super();
    this.self_attn = attention;
    this.mlp = mlp;
    this.input_layernorm = new nn.RMSNorm(hiddenSize, { eps });
    this.post_attention_layernorm = new nn.RMSNorm(hiddenSize, { eps });
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const attended = x.add(this.self_attn.forward(this.input_layernorm.forward(x), mask, cache));
    return attended.add(this.mlp.forward(this.post_attention_layernorm.forward(attended)));
  }
}

export interface DecoderSettings {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: DecoderLayer[];
  readonly norm: Norm;
  /** How many positions back each layer sees; undefined, and by default: all. */
  readonly windows?: readonly (number | undefined)[];
  /** Whether its attention needs masks that are arrays. Default: false. */
  readonly maskArrays?: boolean;
}

/** Embeddings, layers that see the positions before, and a normalization. */
export class Decoder extends nn.Module {
  readonly #windows: readonly (number | undefined)[];
  readonly #maskArrays: boolean;
  embed_tokens: nn.Embedding;
  layers: DecoderLayer[];
  norm: Norm;

  constructor({ vocabularySize, hiddenSize, layers, norm, windows = [], maskArrays = false }: DecoderSettings) {
    super();
    this.#windows = windows;
    this.#maskArrays = maskArrays;
    this.embed_tokens = new nn.Embedding(vocabularySize, hiddenSize);
    this.layers = layers;
    this.norm = norm;
  }

  /** `[B, L]` → `[B, L, hiddenSize]` */
  override forward(tokens: mx.Array, cache: Caches | null): mx.Array {
    let hidden = this.embed(tokens);
    // One mask for all layers that see equally far.
    const masks = new Map<number | undefined, AttentionMask>();
    this.layers.forEach((layer, index) => {
      const windowSize = this.#windows[index];
      if (!masks.has(windowSize)) {
        const options = { windowSize, returnArray: this.#maskArrays };
        masks.set(windowSize, attentionMask(hidden, cache?.[index], options));
      }
      hidden = layer.forward(hidden, masks.get(windowSize) as AttentionMask, cache?.[index]);
    });
    return this.norm.forward(hidden);
  }

  /** For each layer a cache that keeps as many positions as the layer sees. */
  makeWindowedCache(): Caches {
    return this.layers.map((_, index) => {
      const window = this.#windows[index];
      return window === undefined ? new KVCache() : new RotatingKVCache(window);
    });
  }

  protected embed(tokens: mx.Array): mx.Array {
    return this.embed_tokens.forward(tokens);
  }
}
