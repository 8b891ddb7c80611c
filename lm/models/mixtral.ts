import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { AttentionMask, KeyValueCache } from '../cache/cache.ts';
import type { ConfigFields } from '../config/fields.ts';
import { CausalLM, type DecoderSizes, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder, type DecoderLayer } from './decoder.ts';
import { DecoderAttention } from './decoder-attention.ts';
import type { NamedWeights } from './model.ts';
import { SwitchGLU, stackExperts } from './switch-layers.ts';

// Mixtral (https://arxiv.org/abs/2401.04088).

/** The experts with the highest scores at each position, weighted by a softmax over those. */
class SparseMoeBlock extends nn.Module {
  readonly perToken: number;
  gate: nn.Linear;
  switch_mlp: SwitchGLU;

  constructor({ hiddenSize, intermediateSize }: DecoderSizes, config: ConfigFields) {
    super();
    const experts = config.size('num_local_experts', 8);
    this.perToken = config.size('num_experts_per_tok', 2);
    if (this.perToken > experts) throw config.error(`${this.perToken} experts per token of ${experts} experts`);
    this.gate = new nn.Linear(hiddenSize, experts, { bias: false });
    this.switch_mlp = new SwitchGLU(hiddenSize, intermediateSize, experts);
  }

  override forward(x: mx.Array): mx.Array {
    const gates = this.gate.forward(x);
    const order = mx.argpartition(gates.negative(), this.perToken - 1, { axis: -1 });
    const chosen = mx.stopGradient(order.index('...', new mx.Slice(null, this.perToken)));
    const scores = mx.softmax(mx.takeAlongAxis(gates, chosen, { axis: -1 }), { axis: -1, precise: true });
    return this.switch_mlp.forward(x, chosen).multiply(mx.expandDims(scores, -1)).sum({ axis: -2 });
  }
}

/** As a block of Llama, but for the name of what follows the attention. */
class MixtralBlock extends nn.Module implements DecoderLayer {
  self_attn: DecoderAttention;
  block_sparse_moe: SparseMoeBlock;
  input_layernorm: nn.RMSNorm;
  post_attention_layernorm: nn.RMSNorm;

  constructor(sizes: DecoderSizes, config: ConfigFields) {
    super();
    const { hiddenSize, headDim, normEps: eps } = sizes;
    const base = config.number('rope_theta', 1_000_000);
    const rope = new nn.RoPE(headDim, { traditional: config.flag('rope_traditional', false), base });
    this.self_attn = new DecoderAttention({ ...sizes, rope });
    this.block_sparse_moe = new SparseMoeBlock(sizes, config);
    this.input_layernorm = new nn.RMSNorm(hiddenSize, { eps });
    this.post_attention_layernorm = new nn.RMSNorm(hiddenSize, { eps });
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const attended = x.add(this.self_attn.forward(this.input_layernorm.forward(x), mask, cache));
    return attended.add(this.block_sparse_moe.forward(this.post_attention_layernorm.forward(attended)));
  }
}

export class Mixtral extends CausalLM {
  constructor(config: ConfigFields) {
    const { hiddenSize, heads, ...rest } = decoderSizes(config);
    const sizes = { ...rest, hiddenSize, heads, headDim: Math.floor(hiddenSize / heads) };
    const { normEps: eps } = sizes;
    const layers = makeLayers(sizes.layers, () => new MixtralBlock(sizes, config));
    const norm = new nn.RMSNorm(hiddenSize, { eps });
    super(new Decoder({ ...sizes, layers, norm }), {
      tied: config.flag('tie_word_embeddings', false),
    });
  }

  override sanitize(weights: NamedWeights): NamedWeights {
    return stackExperts(super.sanitize(weights), 'block_sparse_moe', {
      gate_proj: 'w1',
      down_proj: 'w2',
      up_proj: 'w3',
    });
  }
}
