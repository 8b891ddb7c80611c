import * as nn from '../../mlx/nn/index.ts';
import type { ConfigFields } from '../config/fields.ts';
import { CausalLM, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder, DecoderBlock } from './decoder.ts';
import { DecoderAttention } from './decoder-attention.ts';
import { GatedMLP } from './gated-mlp.ts';
import { ropeOf } from './rope.ts';

// Qwen 2 and 2.5 (https://arxiv.org/abs/2407.10671): a Llama with biases at queries, keys and values.

export class Qwen2 extends CausalLM {
  constructor(config: ConfigFields) {
    const sizes = decoderSizes(config);
    const { hiddenSize, normEps, heads } = sizes;
    const headDim = Math.floor(hiddenSize / heads);
    const layers = makeLayers(sizes.layers, () => {
      const rope = ropeOf(headDim, config, 1_000_000);
      const attention = new DecoderAttention({ ...sizes, headDim, bias: true, outputBias: false, rope });
      return new DecoderBlock({ ...sizes, attention, mlp: new GatedMLP(sizes) });
    });
    const norm = new nn.RMSNorm(hiddenSize, { eps: normEps });
    super(new Decoder({ ...sizes, layers, norm }), {
      tied: config.flag('tie_word_embeddings', true),
    });
  }
}
