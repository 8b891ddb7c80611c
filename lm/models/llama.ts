import * as nn from '../../mlx/nn/index.ts';
import type { Caches } from '../cache/cache.ts';
import type { ConfigFields } from '../config/fields.ts';
import { CausalLM, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder, DecoderBlock } from './decoder.ts';
import { DecoderAttention } from './decoder-attention.ts';
import { GatedMLP } from './gated-mlp.ts';
import { ropeOf } from './rope.ts';

// Llama (Touvron et al. 2023, https://arxiv.org/abs/2302.13971), also Mistral and SmolLM.

/** How many positions back each layer sees; undefined: all. */
function windowsOf(config: ConfigFields, layers: number): (number | undefined)[] {
  const types = config.texts('layer_types') ?? [];
  if (types.length > 0 && types.length !== layers) {
    throw config.error(`"layer_types" names ${types.length} layers, and "num_hidden_layers" is ${layers}`);
  }
  return makeLayers(layers, (index) =>
    types[index] === 'sliding_attention' ? config.size('sliding_window') : undefined,
  );
}

/** @param rotates whether a layer encodes positions */
export function llamaDecoder(config: ConfigFields, rotates: (layer: number) => boolean = () => true): Decoder {
  const sizes = decoderSizes(config);
  const layers = makeLayers(sizes.layers, (index) => {
    const rope = rotates(index) ? ropeOf(sizes.headDim, config) : null;
    const attention = new DecoderAttention({ ...sizes, bias: config.flag('attention_bias', false), rope });
    const mlp = new GatedMLP({ ...sizes, bias: config.flag('mlp_bias', false) });
    return new DecoderBlock({ ...sizes, attention, mlp });
  });
  const norm = new nn.RMSNorm(sizes.hiddenSize, { eps: sizes.normEps });
  return new Decoder({ ...sizes, layers, norm, windows: windowsOf(config, sizes.layers) });
}

export class Llama extends CausalLM {
  constructor(config: ConfigFields) {
    super(llamaDecoder(config), { tied: config.flag('tie_word_embeddings', true) });
  }

  makeCache(): Caches {
    return this.model.makeWindowedCache();
  }
}
