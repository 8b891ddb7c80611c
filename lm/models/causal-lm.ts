import type { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { Caches } from '../cache/cache.ts';
import type { ConfigFields } from '../config/fields.ts';
import type { Decoder } from './decoder.ts';
import type { CausalModel, NamedWeights } from './model.ts';

/** The sizes that most configs name in the same fields. */
export interface DecoderSizes {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly normEps: number;
  readonly vocabularySize: number;
}

export function decoderSizes(config: ConfigFields): DecoderSizes {
  const hiddenSize = config.size('hidden_size');
  const heads = config.size('num_attention_heads');
  const keyValueHeads = config.size('num_key_value_heads', heads);
  if (heads % keyValueHeads !== 0) {
    throw config.error(
      `the ${heads} heads of queries are no multiple of the ${keyValueHeads} heads of keys and values`,
    );
  }
  return {
    hiddenSize,
    heads,
    keyValueHeads,
    layers: config.size('num_hidden_layers'),
    intermediateSize: config.size('intermediate_size'),
    headDim: config.size('head_dim', Math.floor(hiddenSize / heads)),
    normEps: config.number('rms_norm_eps'),
    vocabularySize: config.size('vocab_size'),
  };
}

/** `count` layers, each made for its place. */
export function makeLayers<Layer>(count: number, make: (index: number) => Layer): Layer[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A decoder, and the scores of the next token: from its embeddings if they are tied, else from a layer of their own. */
export class CausalLM extends nn.Module implements CausalModel {
  model: Decoder;
  declare lm_head?: nn.Linear;

  constructor(model: Decoder, { tied }: { readonly tied: boolean }) {
    super();
    this.model = model;
    const [vocabularySize, hiddenSize] = model.embed_tokens.weight.shape as [number, number];
    if (!tied) this.lm_head = new nn.Linear(hiddenSize, vocabularySize, { bias: false });
  }

  override forward(tokens: mx.Array, cache: Caches | null = null): mx.Array {
    const hidden = this.model.forward(tokens, cache);
    return this.lm_head?.forward(hidden) ?? this.model.embed_tokens.asLinear(hidden);
  }

  get layers(): readonly nn.Module[] {
    return this.model.layers;
  }

  sanitize(weights: NamedWeights): NamedWeights {
    // Older files carry the frequencies of the rotation, which follow from the config.
    const isStray = (name: string) =>
      name.includes('self_attn.rotary_emb.inv_freq') || (this.lm_head === undefined && name === 'lm_head.weight');
    if (!Object.keys(weights).some(isStray)) return weights;
    return Object.fromEntries(Object.entries(weights).filter(([name]) => !isStray(name)));
  }
}
