import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { AttentionMask, KeyValueCache } from '../cache/cache.ts';
import { ConfigFields } from '../config/fields.ts';
import { swiglu } from './activations.ts';
import { attend, joinHeads, splitHeads } from './attention.ts';
import { CausalLM, type DecoderSizes, decoderSizes, makeLayers } from './causal-lm.ts';
import { Decoder, DecoderBlock } from './decoder.ts';
import { makeRope, type Rope } from './rope.ts';

// Phi 3 and 4 (https://arxiv.org/abs/2404.14219): a Llama whose projections are joined.

class Attention extends nn.Module {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  qkv_proj: nn.Linear;
  o_proj: nn.Linear;
  rope: Rope;

  constructor({ hiddenSize, heads, keyValueHeads, headDim }: DecoderSizes, config: ConfigFields) {
    super();
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
    this.qkv_proj = new nn.Linear(hiddenSize, (heads + 2 * keyValueHeads) * headDim, { bias: false });
    this.o_proj = new nn.Linear(heads * headDim, hiddenSize, { bias: false });
    this.rope = phi3Rope(headDim, config);
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const { heads, keyValueHeads, headDim } = this;
    const parts = mx.split(this.qkv_proj.forward(x), [heads * headDim, (heads + keyValueHeads) * headDim], {
      axis: -1,
    });
    const [queries, keys, values] = parts as [mx.Array, mx.Array, mx.Array];
    const offset = cache?.offset ?? 0;
    const output = attend({
      queries: this.rope.forward(splitHeads(queries, heads), offset),
      keys: this.rope.forward(splitHeads(keys, keyValueHeads), offset),
      values: splitHeads(values, keyValueHeads),
      scale: headDim ** -0.5,
      mask,
      cache,
    });
    return this.o_proj.forward(joinHeads(output));
  }
}

class MLP extends nn.Module {
  gate_up_proj: nn.Linear;
  down_proj: nn.Linear;

  constructor({ hiddenSize, intermediateSize }: DecoderSizes) {
    super();
    this.gate_up_proj = new nn.Linear(hiddenSize, 2 * intermediateSize, { bias: false });
    this.down_proj = new nn.Linear(intermediateSize, hiddenSize, { bias: false });
  }

  override forward(x: mx.Array): mx.Array {
    const [gate, up] = mx.split(this.gate_up_proj.forward(x), 2, { axis: -1 }) as [mx.Array, mx.Array];
    return this.down_proj.forward(swiglu(gate, up));
  }
}

function phi3Rope(headDim: number, config: ConfigFields): Rope {
  const scaling = config.object('rope_scaling');
  const kind = scaling?.text('type');
  const isLong = kind === 'longrope' || kind === 'su';
  const context = config.size('original_max_position_embeddings', 4096);
  return makeRope({
    dims: Math.trunc(headDim * config.number('partial_rotary_factor', 1)),
    base: config.number('rope_theta', 10_000),
    traditional: config.flag('rope_traditional', false),
    // As in mlx_lm, other kinds than these are left out.
    scaling: isLong
      ? new ConfigFields({ ...scaling?.values, type: 'longrope', original_max_position_embeddings: context })
      : kind === 'linear'
        ? scaling
        : undefined,
    maxPositions: config.size('max_position_embeddings', 131_072),
  });
}

export class Phi3 extends CausalLM {
  constructor(config: ConfigFields) {
    const { hiddenSize, heads, ...rest } = decoderSizes(config);
    const sizes = { ...rest, hiddenSize, heads, headDim: Math.floor(hiddenSize / heads) };
    const { normEps: eps } = sizes;
    const layers = makeLayers(
      sizes.layers,
      () => new DecoderBlock({ ...sizes, attention: new Attention(sizes, config), mlp: new MLP(sizes) }),
    );
    const norm = new nn.RMSNorm(hiddenSize, { eps });
    super(new Decoder({ ...sizes, layers, norm }), {
      tied: config.flag('tie_word_embeddings', false),
    });
  }
}
