import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import {
  type FuseLayerOptions,
  fullWeight,
  fusedEmbedding,
  fusedLinear,
  LoRAEmbedding,
  LoRALinear,
  type LoraSettings,
} from './lora.ts';

// DoRA (Liu et al. 2024, https://arxiv.org/abs/2402.09353): as LoRA, and the length of each row is learned by itself.

const rowLengths = (weight: mx.Array): mx.Array => mx.linalg.norm(weight, { axis: 1 });

/** Each row of a weight with another length. */
const withLengths = (weight: mx.Array, lengths: mx.Array): mx.Array =>
  lengths.divide(rowLengths(weight)).index(new mx.Slice(), null).multiply(weight);

/**
 * As `LoRALinear`, with each output divided by the length of its row of the adapted weight and multiplied by `m`.
 *
 * - `m`: `[outputDims]`, the lengths of the rows of the weight
 */
export class DoRALinear extends LoRALinear {
  m: mx.Array;

  constructor(linear: nn.Linear | nn.QuantizedLinear, settings: LoraSettings) {
    super(linear, settings);
    this.m = rowLengths(fullWeight(linear).astype(mx.float32));
  }

  /** `[…, inputDims]` → `[…, outputDims]` */
  override forward(x: mx.Array): mx.Array {
    const weight = fullWeight(this.linear);
    const z = this.dropout.forward(x).matmul(this.lora_a).matmul(this.lora_b);
    const sum = x.matmul(weight.T).add(z.multiply(this.scale).astype(x.dtype));
    const lengths = mx.stopGradient(rowLengths(weight.add(this.delta())));
    const out = this.m.divide(lengths).astype(x.dtype).multiply(sum);
    return this.linear.bias === undefined ? out : out.add(this.linear.bias);
  }

  override fuse(options: FuseLayerOptions = {}): nn.Linear | nn.QuantizedLinear {
    const weight = fullWeight(this.linear);
    return fusedLinear(this.linear, withLengths(weight.add(this.delta().astype(weight.dtype)), this.m), options);
  }
}

/** @throws UnsupportedOperationError for a quantized embedding */
function plain(embedding: nn.Embedding | nn.QuantizedEmbedding): nn.Embedding {
  if (!(embedding instanceof nn.QuantizedEmbedding)) return embedding;
  throw new UnsupportedOperationError('DoRA is not for quantized embeddings; use LoRA, or name other layers', {
    operation: 'lm.linearToLoraLayers',
  });
}

/** As `LoRAEmbedding`, with each row divided by its length and multiplied by `m`, `[numEmbeddings]`. */
export class DoRAEmbedding extends LoRAEmbedding {
  declare embedding: nn.Embedding;
  m: mx.Array;

  /** @throws UnsupportedOperationError for a quantized embedding */
  constructor(embedding: nn.Embedding | nn.QuantizedEmbedding, settings: LoraSettings) {
    super(plain(embedding), settings);
    this.m = rowLengths(this.embedding.weight);
  }

  /** Indices of any shape `[…]` → `[…, dims]` */
  override forward(x: mx.Array): mx.Array {
    const y = this.embedding.forward(x);
    const z = this.lora_a.index(x).multiply(this.scale).matmul(this.lora_b);
    const out = y.add(this.dropout.forward(z).astype(y.dtype));
    const lengths = mx.stopGradient(mx.linalg.norm(y.add(z), { axis: -1 }));
    return this.m.index(x).divide(lengths).index('...', null).multiply(out);
  }

  /** The scores of all embeddings: `[…, dims]` → `[…, numEmbeddings]` */
  override asLinear(x: mx.Array): mx.Array {
    const z = this.dropout.forward(x).matmul(this.lora_b.T).matmul(this.lora_a.T);
    const sum = this.embedding.asLinear(x).add(z.multiply(this.scale).astype(x.dtype));
    const lengths = rowLengths(this.embedding.weight.add(this.delta()));
    return this.m.divide(mx.stopGradient(lengths)).multiply(sum);
  }

  override fuse(options: FuseLayerOptions = {}): nn.Embedding | nn.QuantizedEmbedding {
    const { weight } = this.embedding;
    return fusedEmbedding(this.embedding, withLengths(weight.add(this.delta().astype(weight.dtype)), this.m), options);
  }
}
