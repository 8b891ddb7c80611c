import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { AttentionMask, KeyValueCache } from '../cache/cache.ts';
import type { DecoderSizes } from './causal-lm.ts';
import type { DecoderLayer } from './decoder.ts';
import type { DecoderAttention } from './decoder-attention.ts';
import { GatedMLP } from './gated-mlp.ts';
import type { Norm } from './model.ts';

// What Gemma 2 and Gemma 3 have in common.

/** `rmsNorm(x) · (1 + weight)` */
export class GemmaRMSNorm extends nn.Module implements Norm {
  weight: mx.Array;
  readonly eps: number;

  constructor(dims: number, eps: number) {
    super();
    this.weight = mx.ones([dims]);
    this.eps = eps;
  }

  override forward(x: mx.Array): mx.Array {
    return mx.fast.rmsNorm(x, mx.add(1, this.weight), this.eps);
  }
}

const geglu = (gate: mx.Array, x: mx.Array): mx.Array => nn.geluApprox(gate).multiply(x);

/** Attention and MLP, each with a normalization before and after it. */
export class GemmaBlock extends nn.Module implements DecoderLayer {
  readonly add: (x: mx.Array, change: mx.Array) => mx.Array;
  self_attn: DecoderAttention;
  mlp: GatedMLP;
  input_layernorm: GemmaRMSNorm;
  post_attention_layernorm: GemmaRMSNorm;
  pre_feedforward_layernorm: GemmaRMSNorm;
  post_feedforward_layernorm: GemmaRMSNorm;

  /** @param add joins what a part has computed with its input */
  constructor(
    { hiddenSize, intermediateSize, normEps }: DecoderSizes,
    attention: DecoderAttention,
    add: (x: mx.Array, change: mx.Array) => mx.Array = (x, change) => x.add(change),
  ) {
    super();
    this.add = add;
    this.self_attn = attention;
    this.mlp = new GatedMLP({ hiddenSize, intermediateSize, activation: geglu });
    this.input_layernorm = new GemmaRMSNorm(hiddenSize, normEps);
    this.post_attention_layernorm = new GemmaRMSNorm(hiddenSize, normEps);
    this.pre_feedforward_layernorm = new GemmaRMSNorm(hiddenSize, normEps);
    this.post_feedforward_layernorm = new GemmaRMSNorm(hiddenSize, normEps);
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const attended = this.self_attn.forward(this.input_layernorm.forward(x), mask, cache);
    const between = this.add(x, this.post_attention_layernorm.forward(attended));
    const computed = this.mlp.forward(this.pre_feedforward_layernorm.forward(between));
    return this.add(between, this.post_feedforward_layernorm.forward(computed));
  }
}
