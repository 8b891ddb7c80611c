import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { ConfigFields } from '../config/fields.ts';
import { CausalLM, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder, DecoderBlock } from './decoder.ts';
import { DecoderAttention } from './decoder-attention.ts';
import { GatedMLP } from './gated-mlp.ts';
import type { NamedWeights } from './model.ts';
import { SwitchGLU, stackExperts } from './switch-layers.ts';

// The mixture of experts of Qwen 3 (https://arxiv.org/abs/2505.09388).

/** The probable experts of each position, weighted by their probabilities. */
class SparseMoeBlock extends nn.Module {
  readonly perToken: number;
  readonly isNormalized: boolean;
  gate: nn.Linear;
  switch_mlp: SwitchGLU;

  constructor(config: ConfigFields) {
    super();
    const hiddenSize = config.size('hidden_size');
    const experts = config.size('num_experts');
    this.perToken = config.size('num_experts_per_tok');
    this.isNormalized = config.flag('norm_topk_prob');
    if (this.perToken > experts) throw config.error(`${this.perToken} experts per token of ${experts} experts`);
    this.gate = new nn.Linear(hiddenSize, experts, { bias: false });
    this.switch_mlp = new SwitchGLU(hiddenSize, config.size('moe_intermediate_size'), experts);
  }

  override forward(x: mx.Array): mx.Array {
    const gates = mx.softmax(this.gate.forward(x), { axis: -1, precise: true });
    const order = mx.argpartition(gates, -this.perToken, { axis: -1 });
    const chosen = mx.stopGradient(order.index('...', new mx.Slice(-this.perToken, null)));
    let scores = mx.takeAlongAxis(gates, chosen, { axis: -1 });
    if (this.isNormalized) scores = scores.divide(scores.sum({ axis: -1, keepdims: true }));
    const outputs = this.switch_mlp.forward(x, chosen);
    return outputs.multiply(mx.expandDims(scores, -1)).sum({ axis: -2 }).astype(outputs.dtype);
  }
}

export class Qwen3Moe extends CausalLM {
  constructor(config: ConfigFields) {
    const sizes = { ...decoderSizes(config), headDim: config.size('head_dim') };
    const { hiddenSize, normEps: eps } = sizes;
    const sparseStep = config.size('decoder_sparse_step');
    const dense = config.numbers('mlp_only_layers') ?? [];
    const layers = makeLayers(sizes.layers, (index) => {
      const attention = new DecoderAttention({
        ...sizes,
        headNorm: (dims) => new nn.RMSNorm(dims, { eps }),
        rope: new nn.RoPE(sizes.headDim, { base: config.number('rope_theta') }),
      });
      const isSparse = !dense.includes(index) && (index + 1) % sparseStep === 0;
      const mlp = isSparse ? new SparseMoeBlock(config) : new GatedMLP(sizes);
      return new DecoderBlock({ ...sizes, attention, mlp });
    });
    const norm = new nn.RMSNorm(hiddenSize, { eps });
    super(new Decoder({ ...sizes, layers, norm }), { tied: config.flag('tie_word_embeddings') });
  }

  override sanitize(weights: NamedWeights): NamedWeights {
    const names = { gate_proj: 'gate_proj', up_proj: 'up_proj', down_proj: 'down_proj' };
    return stackExperts(super.sanitize(weights), 'mlp', names);
  }
}
