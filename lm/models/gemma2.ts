import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { AttentionMask, Caches, KeyValueCache } from '../cache/cache.ts';
import type { ConfigFields } from '../config/fields.ts';
import { CausalLM, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder } from './decoder.ts';
import { type AttentionSettings, DecoderAttention } from './decoder-attention.ts';
import { GemmaBlock, GemmaRMSNorm } from './gemma-layers.ts';
import { ropeOf } from './rope.ts';

// Gemma 2 (https://arxiv.org/abs/2408.00118). As in mlx_lm, every layer sees all positions.

/** `cap · tanh(x / cap)`: within `-cap` and `cap`. */
const softCap = (x: mx.Array, cap: number): mx.Array => mx.tanh(x.divide(cap)).multiply(cap);

class Attention extends DecoderAttention {
  readonly cap: number;

  constructor(settings: AttentionSettings, cap: number) {
    super(settings);
    this.cap = cap;
  }

  /** Written out, because the fast attention of MLX cannot cap the scores. */
  protected override attend(
    queries: mx.Array,
    newKeys: mx.Array,
    newValues: mx.Array,
    mask: AttentionMask,
    cache: KeyValueCache | null | undefined,
  ): mx.Array {
    const [keys, values] = cache?.updateAndFetch(newKeys, newValues) ?? [newKeys, newValues];
    if (Array.isArray(keys) || Array.isArray(values)) {
      throw new UnsupportedOperationError('Gemma 2 caps the scores of its attention, which quantized caches cannot', {
        operation: 'lm.generate',
      });
    }
    const [batch, , length, dims] = queries.shape as [number, number, number, number];
    const repeats = this.heads / this.keyValueHeads;
    let scaled = queries.multiply(this.scale);
    let [sharedKeys, sharedValues] = [keys, values];
    if (repeats > 1) {
      scaled = scaled.reshape(batch, this.keyValueHeads, repeats, length, dims);
      sharedKeys = mx.expandDims(keys, 2);
      sharedValues = mx.expandDims(values, 2);
    }
    let scores = softCap(scaled.matmul(sharedKeys.swapaxes(-1, -2)), this.cap);
    if (mask !== null) {
      const lowest = mx.array(mx.finfo(scores.dtype).min, scores.dtype);
      scores = mx.where(mask as mx.Array, scores, lowest);
    }
    const output = mx.softmax(scores, { axis: -1, precise: true }).matmul(sharedValues);
    return repeats > 1 ? output.reshape(batch, this.heads, length, dims) : output;
  }
}

class Gemma2Decoder extends Decoder {
  protected override embed(tokens: mx.Array): mx.Array {
    const embedded = super.embed(tokens);
    return embedded.multiply(Math.sqrt(embedded.shape.at(-1) as number));
  }
}

export class Gemma2 extends CausalLM {
  readonly cap: number;

  constructor(config: ConfigFields) {
    const sizes = { ...decoderSizes(config), headDim: config.size('head_dim') };
    const scale = 1 / Math.sqrt(config.number('query_pre_attn_scalar', 144));
    const attentionCap = config.number('attn_logit_softcapping', 50);
    const layers = makeLayers(sizes.layers, () => {
      const rope = ropeOf(sizes.headDim, config);
      return new GemmaBlock(sizes, new Attention({ ...sizes, scale, rope }, attentionCap));
    });
    const norm = new GemmaRMSNorm(sizes.hiddenSize, sizes.normEps);
    super(new Gemma2Decoder({ ...sizes, layers, norm, maskArrays: true }), { tied: true });
    this.cap = config.number('final_logit_softcapping', 30);
  }

  override forward(tokens: mx.Array, cache: Caches | null = null): mx.Array {
    return softCap(super.forward(tokens, cache), this.cap);
  }
}
