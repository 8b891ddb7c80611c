import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { ConfigFields } from '../config/fields.ts';
import { attend, joinHeads, splitHeads } from './attention.ts';
import { makeLayers } from './causal-lm.ts';
import type { Encoder, NamedWeights } from './model.ts';

// BERT (https://arxiv.org/abs/1810.04805), without the heads that it was trained with. Fields have the names of its files.

type Activation = (x: mx.Array) => mx.Array;

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: nn.gelu,
  gelu_new: nn.geluApprox,
  gelu_pytorch_tanh: nn.geluApprox,
  relu: nn.relu,
  silu: nn.silu,
  swish: nn.silu,
};

interface BertSizes {
  readonly width: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly eps: number;
  readonly activation: Activation;
}

function sizesOf(config: ConfigFields): BertSizes {
  const width = config.size('hidden_size');
  const heads = config.size('num_attention_heads');
  if (width % heads !== 0) throw config.error(`"hidden_size", ${width}, is no multiple of its ${heads} heads`);
  const positions = config.text('position_embedding_type', 'absolute');
  if (positions !== 'absolute') throw config.error(`positions are read as "absolute" only, not as "${positions}"`);
  const named = config.text('hidden_act', 'gelu');
  const activation = Object.hasOwn(ACTIVATIONS, named) ? ACTIVATIONS[named] : undefined;
  if (activation === undefined) {
    throw config.error(`no activation is named "${named}"; there are ${Object.keys(ACTIVATIONS).join(', ')}`);
  }
  const eps = config.number('layer_norm_eps', 1e-12);
  return { width, heads, intermediate: config.size('intermediate_size'), eps, activation };
}

class Embeddings extends nn.Module {
  word_embeddings: nn.Embedding;
  position_embeddings: nn.Embedding;
  token_type_embeddings: nn.Embedding;
  LayerNorm: nn.LayerNorm;

  constructor(config: ConfigFields, { width, eps }: BertSizes) {
    super();
    this.word_embeddings = new nn.Embedding(config.size('vocab_size'), width);
    this.position_embeddings = new nn.Embedding(config.size('max_position_embeddings', 512), width);
    this.token_type_embeddings = new nn.Embedding(config.size('type_vocab_size', 2), width);
    this.LayerNorm = new nn.LayerNorm(width, { eps });
  }

  override forward(tokens: mx.Array, types: mx.Array | undefined): mx.Array {
    const positions = mx.arange(0, tokens.shape[1] as number, 1, mx.int32);
    // Where nothing else is said, all tokens are of the first sentence.
    const sentences = this.token_type_embeddings.forward(types ?? mx.zeros([1], mx.int32));
    const summed = this.word_embeddings.forward(tokens).add(sentences).add(this.position_embeddings.forward(positions));
    return this.LayerNorm.forward(summed);
  }
}

/** A layer, and a normalization of what it adds to. */
const output = (inputs: number, { width, eps }: BertSizes) => ({
  dense: new nn.Linear(inputs, width),
  LayerNorm: new nn.LayerNorm(width, { eps }),
});

/** Attention in both directions and an MLP, each with a normalization after it. */
class Layer extends nn.Module {
  readonly heads: number;
  readonly activation: Activation;
  attention: {
    readonly self: { readonly query: nn.Linear; readonly key: nn.Linear; readonly value: nn.Linear };
    readonly output: ReturnType<typeof output>;
  };
  intermediate: { readonly dense: nn.Linear };
  output: ReturnType<typeof output>;

  constructor(sizes: BertSizes) {
    super();
    const { width, heads, intermediate, activation } = sizes;
    const linear = () => new nn.Linear(width, width);
    this.heads = heads;
    this.activation = activation;
    this.attention = {
      self: { query: linear(), key: linear(), value: linear() },
      output: output(width, sizes),
    };
    this.intermediate = { dense: new nn.Linear(width, intermediate) };
    this.output = output(intermediate, sizes);
  }

  override forward(x: mx.Array, mask: mx.Array): mx.Array {
    const { self, output: after } = this.attention;
    const queries = splitHeads(self.query.forward(x), this.heads);
    const keys = splitHeads(self.key.forward(x), this.heads);
    const values = splitHeads(self.value.forward(x), this.heads);
    const scale = (queries.shape[3] as number) ** -0.5;
    const attended = joinHeads(attend({ queries, keys, values, scale, mask, cache: null }));
    const between = after.LayerNorm.forward(after.dense.forward(attended).add(x));
    const computed = this.output.dense.forward(this.activation(this.intermediate.dense.forward(between)));
    return this.output.LayerNorm.forward(computed.add(between));
  }
}

export class Bert extends nn.Module implements Encoder {
  readonly maxLength: number;
  embeddings: Embeddings;
  encoder: { readonly layer: Layer[] };

  constructor(config: ConfigFields) {
    super();
    const sizes = sizesOf(config);
    this.maxLength = config.size('max_position_embeddings', 512);
    this.embeddings = new Embeddings(config, sizes);
    this.encoder = { layer: makeLayers(config.size('num_hidden_layers'), () => new Layer(sizes)) };
  }

  override forward(tokens: mx.Array, mask: mx.Array, types?: mx.Array): mx.Array {
    const length = tokens.shape[1] ?? 0;
    if (tokens.ndim !== 2 || length === 0 || length > this.maxLength) {
      throw new ArgumentError(
        `expected tokens [B, L] of 1 to ${this.maxLength} positions, received shape [${tokens.shape}]`,
        { operation: 'lm.Bert' },
      );
    }
    let hidden = this.embeddings.forward(tokens, types);
    const seen = mask.astype(mx.bool_).index(new mx.Slice(), null, null);
    for (const layer of this.encoder.layer) hidden = layer.forward(hidden, seen);
    return hidden;
  }

  /** Files have the name of the model before all others, the heads, and the numbers of the positions. */
  sanitize(weights: NamedWeights): NamedWeights {
    const plain = Object.entries(weights).map(([name, weight]) => [name.replace(/^bert\./, ''), weight] as const);
    return Object.fromEntries(plain.filter(([name]) => !/^(pooler|cls|classifier)\.|\.position_ids$/.test(name)));
  }
}
