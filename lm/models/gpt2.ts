import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { AttentionMask, Caches, KeyValueCache } from '../cache/cache.ts';
import { attentionMask } from '../cache/masks.ts';
import type { ConfigFields } from '../config/fields.ts';
import { attend, joinHeads, splitHeads } from './attention.ts';
import { makeLayers } from './causal-lm.ts';
import type { CausalModel, NamedWeights } from './model.ts';

// GPT-2 (Radford et al. 2019): positions are learned, and added to the embeddings.

class Attention extends nn.Module {
  readonly heads: number;
  readonly scale: number;
  c_attn: nn.Linear;
  c_proj: nn.Linear;

  constructor(width: number, heads: number) {
    super();
    this.heads = heads;
    this.scale = (width / heads) ** -0.5;
    this.c_attn = new nn.Linear(width, 3 * width);
    this.c_proj = new nn.Linear(width, width);
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const parts = mx.split(this.c_attn.forward(x), 3, { axis: -1 }) as mx.Array[];
    const [queries, keys, values] = parts.map((part) => splitHeads(part, this.heads)) as [mx.Array, mx.Array, mx.Array];
    return this.c_proj.forward(joinHeads(attend({ queries, keys, values, scale: this.scale, mask, cache })));
  }
}

class MLP extends nn.Module {
  c_fc: nn.Linear;
  c_proj: nn.Linear;

  constructor(width: number) {
    super();
    this.c_fc = new nn.Linear(width, 4 * width);
    this.c_proj = new nn.Linear(4 * width, width);
  }

  override forward(x: mx.Array): mx.Array {
    return this.c_proj.forward(nn.geluApprox(this.c_fc.forward(x)));
  }
}

class Block extends nn.Module {
  attn: Attention;
  mlp: MLP;
  ln_1: nn.LayerNorm;
  ln_2: nn.LayerNorm;

  constructor(width: number, heads: number, eps: number) {
    super();
    this.attn = new Attention(width, heads);
    this.mlp = new MLP(width);
    this.ln_1 = new nn.LayerNorm(width, { eps });
    this.ln_2 = new nn.LayerNorm(width, { eps });
  }

  override forward(x: mx.Array, mask: AttentionMask, cache?: KeyValueCache | null): mx.Array {
    const attended = x.add(this.attn.forward(this.ln_1.forward(x), mask, cache));
    return attended.add(this.mlp.forward(this.ln_2.forward(attended)));
  }
}

class GPT2Model extends nn.Module {
  wte: nn.Embedding;
  wpe: nn.Embedding;
  h: Block[];
  ln_f: nn.LayerNorm;

  constructor(config: ConfigFields) {
    super();
    const width = config.size('n_embd');
    const heads = config.size('n_head');
    if (width % heads !== 0) throw config.error(`"n_embd", ${width}, is no multiple of "n_head", ${heads}`);
    const eps = config.number('layer_norm_epsilon');
    this.wte = new nn.Embedding(config.size('vocab_size'), width);
    this.wpe = new nn.Embedding(config.size('n_positions'), width);
    this.h = makeLayers(config.size('n_layer'), () => new Block(width, heads, eps));
    this.ln_f = new nn.LayerNorm(width, { eps });
  }

  override forward(tokens: mx.Array, cache: Caches | null): mx.Array {
    const start = cache?.[0]?.offset ?? 0;
    const steps = mx.arange(0, tokens.shape[1] as number, 1, mx.int32);
    // Each sequence of a batch may have a start of its own: `[B, L]`.
    const positions = typeof start === 'number' ? steps.add(start) : start.index('...', null).add(steps);
    let hidden = this.wte.forward(tokens).add(this.wpe.forward(positions));
    const mask = attentionMask(hidden, cache?.[0]);
    this.h.forEach((block, index) => {
      hidden = block.forward(hidden, mask, cache?.[index]);
    });
    return this.ln_f.forward(hidden);
  }
}

export class GPT2 extends nn.Module implements CausalModel {
  model: GPT2Model;

  constructor(config: ConfigFields) {
    super();
    this.model = new GPT2Model(config);
  }

  override forward(tokens: mx.Array, cache: Caches | null = null): mx.Array {
    return this.model.wte.asLinear(this.model.forward(tokens, cache));
  }

  get layers(): readonly nn.Module[] {
    return this.model.h;
  }

  /** The original files have their matrices transposed, the masks of their attention, and no name around them. */
  sanitize(weights: NamedWeights): NamedWeights {
    const fitting: NamedWeights = {};
    for (const [name, weight] of Object.entries(weights)) {
      if (/^h\.\d+\.attn\.bias$/.test(name)) continue;
      const isMatrix = /^h\.\d+\.(attn|mlp)\.c_(attn|proj|fc)\.weight$/.test(name);
      fitting[name.startsWith('model.') ? name : `model.${name}`] = isMatrix ? weight.transpose(1, 0) : weight;
    }
    return fitting;
  }
}
