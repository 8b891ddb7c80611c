import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { Caches } from '../cache/cache.ts';
import { ConfigFields } from '../config/fields.ts';
import { CausalLM, makeLayers } from './causal-lm.ts';
import { Decoder } from './decoder.ts';
import { DecoderAttention } from './decoder-attention.ts';
import { GemmaBlock, GemmaRMSNorm } from './gemma-layers.ts';
import type { CausalModel, NamedWeights } from './model.ts';
import { makeRope } from './rope.ts';

// The text model of Gemma 3 (https://arxiv.org/abs/2503.19786): most layers see a window, each sixth sees everything.

/** In float16 the sum is kept finite. */
const clippedSum = mx.compile(
  (x: mx.Array, change: mx.Array) => {
    const bound = mx.finfo(mx.float16).max as number;
    return mx.clip(x.astype(mx.float32).add(change.astype(mx.float32)), -bound, bound).astype(mx.float16);
  },
  { shapeless: true },
);

const addClipped = (x: mx.Array, change: mx.Array): mx.Array =>
  x.dtype === mx.float16 ? clippedSum(x, change) : x.add(change);

class Gemma3Decoder extends Decoder {
  protected override embed(tokens: mx.Array): mx.Array {
    const embedded = super.embed(tokens);
    // Rounded as the model was trained.
    const scale = mx.array(Math.sqrt(embedded.shape.at(-1) as number), mx.bfloat16);
    return embedded.multiply(scale.astype(embedded.dtype));
  }
}

/** Everything in the config has a default: that of the model with a billion parameters. */
function sizesOf(config: ConfigFields) {
  return {
    hiddenSize: config.size('hidden_size', 1152),
    layers: config.size('num_hidden_layers', 26),
    intermediateSize: config.size('intermediate_size', 6912),
    heads: config.size('num_attention_heads', 4),
    keyValueHeads: config.size('num_key_value_heads', 1),
    headDim: config.size('head_dim', 256),
    normEps: config.number('rms_norm_eps', 1e-6),
    vocabularySize: config.size('vocab_size', 262_144),
  };
}

export class Gemma3Text extends CausalLM {
  constructor(config: ConfigFields) {
    const sizes = sizesOf(config);
    const { hiddenSize, headDim: dims, normEps: eps } = sizes;
    const pattern = config.size('sliding_window_pattern', 6);
    const window = config.size('sliding_window', 512);
    const windows = makeLayers(sizes.layers, (index) => ((index + 1) % pattern === 0 ? undefined : window));
    const everywhere = {
      dims,
      traditional: false,
      base: config.number('rope_theta', 1_000_000),
      scaling: config.object('rope_scaling'),
      maxPositions: config.size('max_position_embeddings', 32_768),
    };
    const nearby = { ...everywhere, base: config.number('rope_local_base_freq', 10_000), scaling: undefined };
    const layers = windows.map((own) => {
      const attention = new DecoderAttention({
        ...sizes,
        scale: config.number('query_pre_attn_scalar', 256) ** -0.5,
        headNorm: (size) => new GemmaRMSNorm(size, eps),
        rope: makeRope(own === undefined ? everywhere : nearby),
      });
      return new GemmaBlock(sizes, attention, addClipped);
    });
    const norm = new GemmaRMSNorm(hiddenSize, eps);
    super(new Gemma3Decoder({ ...sizes, layers, norm, windows }), { tied: false });
  }

  makeCache(): Caches {
    return this.model.makeWindowedCache();
  }

  /** Whether embeddings are tied the file says, by having no others. */
  override sanitize(weights: NamedWeights): NamedWeights {
    if (weights['lm_head.weight'] === undefined) delete this.lm_head;
    return weights;
  }
}

/** The files of the model that also sees pictures, of which the text model is read. */
export class Gemma3 extends nn.Module implements CausalModel {
  language_model: Gemma3Text;

  constructor(config: ConfigFields) {
    super();
    const text = config.object('text_config');
    if (text === undefined) throw config.error('expected an object for "text_config", received no such field');
    const defaults = { num_attention_heads: 8, num_key_value_heads: 4 };
    const values = { ...defaults, ...text.values, vocab_size: config.size('vocab_size', 262_208) };
    this.language_model = new Gemma3Text(new ConfigFields(values, 'config.json, "text_config"'));
  }

  override forward(tokens: mx.Array, cache: Caches | null = null): mx.Array {
    return this.language_model.forward(tokens, cache);
  }

  get layers(): readonly nn.Module[] {
    return this.language_model.layers;
  }

  makeCache(): Caches {
    return this.language_model.makeCache();
  }

  sanitize(weights: NamedWeights): NamedWeights {
    const prefix = 'language_model.';
    const ofText = Object.entries(weights).filter(([name]) => name.startsWith(prefix));
    const inside = Object.fromEntries(ofText.map(([name, weight]) => [name.slice(prefix.length), weight]));
    const fitting = Object.entries(this.language_model.sanitize(inside));
    return Object.fromEntries(fitting.map(([name, weight]) => [prefix + name, weight]));
  }
}
