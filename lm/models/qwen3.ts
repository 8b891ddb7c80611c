import * as nn from '../../mlx/nn/index.ts';
import type { ConfigFields } from '../config/fields.ts';
import { CausalLM, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder, DecoderBlock } from './decoder.ts';
import { DecoderAttention } from './decoder-attention.ts';
import { GatedMLP } from './gated-mlp.ts';
import { makeRope, type Rope } from './rope.ts';

// Qwen 3 (https://arxiv.org/abs/2505.09388): no biases, and a normalization of each head's queries and keys.

export class Qwen3 extends CausalLM {
  constructor(config: ConfigFields) {
    const sizes = { ...decoderSizes(config), headDim: config.size('head_dim') };
    const { hiddenSize, normEps: eps } = sizes;
    const layers = makeLayers(sizes.layers, () => {
      const headNorm = (dims: number) => new nn.RMSNorm(dims, { eps });
      const attention = new DecoderAttention({ ...sizes, headNorm, rope: qwen3Rope(sizes.headDim, config) });
      return new DecoderBlock({ ...sizes, attention, mlp: new GatedMLP(sizes) });
    });
    const norm = new nn.RMSNorm(hiddenSize, { eps });
    super(new Decoder({ ...sizes, layers, norm }), { tied: config.flag('tie_word_embeddings') });
  }
}

function qwen3Rope(dims: number, config: ConfigFields): Rope {
  return makeRope({
    dims,
    base: config.number('rope_theta'),
    traditional: false,
    scaling: config.object('rope_scaling'),
    maxPositions: config.size('max_position_embeddings'),
  });
}
