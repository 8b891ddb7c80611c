import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import {
  drawnWithin,
  extentsOf,
  type FuseLayerOptions,
  fullWeight,
  fusedEmbedding,
  fusedLinear,
  type LoraSettings,
  skipDraws,
} from './lora.ts';

// DoRA (Liu et al. 2024, https://arxiv.org/abs/2402.09353): as LoRA, and the length of each row is learned by itself.

const rowLengths = (weight: mx.Array): mx.Array => mx.linalg.norm(weight, { axis: 1 });

/** Each row of a weight with another length. */
const withLengths = (weight: mx.Array, lengths: mx.Array): mx.Array =>
  lengths.divide(rowLengths(weight)).index(new mx.Slice(), null).multiply(weight);

/**
 * As `LoRALinear`, with each output divided by the length of its row of the adapted weight and multiplied by `m`.
 *
 * - `lora_a`: `[inputDims, rank]`, drawn evenly within `√(1 / inputDims)`; `lora_b`: `[rank, outputDims]`, zeros
 * - `m`: `[outputDims]`, the lengths of the rows of the weight
 */
export class DoRALinear extends nn.Module {
  linear: nn.Linear | nn.QuantizedLinear;
  dropout: nn.Dropout;
  readonly scale: number;
  lora_a: mx.Array;
  lora_b: mx.Array;
  m: mx.Array;

  constructor(linear: nn.Linear | nn.QuantizedLinear, { rank, scale, dropout }: LoraSettings) {
    super();
    const [output, input] = extentsOf(linear);
    skipDraws(() => new nn.Linear(input, output, { bias: false }));
    this.linear = linear;
    this.dropout = new nn.Dropout(dropout);
    this.scale = scale;
    this.lora_a = drawnWithin(input, [input, rank]);
    this.lora_b = mx.zeros([rank, output]);
    this.m = rowLengths(fullWeight(linear).astype(mx.float32));
  }

  /** `[…, inputDims]` → `[…, outputDims]` */
  override forward(x: mx.Array): mx.Array {
    const weight = fullWeight(this.linear);
    const z = this.dropout.forward(x).matmul(this.lora_a).matmul(this.lora_b);
    const sum = x.matmul(weight.T).add(z.multiply(this.scale).astype(x.dtype));
    const adapted = weight.add(this.lora_b.T.multiply(this.scale).matmul(this.lora_a.T));
    const lengths = mx.stopGradient(rowLengths(adapted));
    const out = this.m.divide(lengths).astype(x.dtype).multiply(sum);
    return this.linear.bias === undefined ? out : out.add(this.linear.bias);
  }

  fuse(options: FuseLayerOptions = {}): nn.Linear | nn.QuantizedLinear {
    const weight = fullWeight(this.linear);
    const delta = this.lora_b.T.multiply(this.scale).matmul(this.lora_a.T);
    return fusedLinear(this.linear, withLengths(weight.add(delta.astype(weight.dtype)), this.m), options);
  }
}

/** As `LoRAEmbedding`, with each row divided by its length and multiplied by `m`, `[numEmbeddings]`. */
export class DoRAEmbedding extends nn.Module {
  embedding: nn.Embedding;
  dropout: nn.Dropout;
  readonly scale: number;
  lora_a: mx.Array;
  lora_b: mx.Array;
  m: mx.Array;

  /** @throws UnsupportedOperationError for a quantized embedding */
  constructor(embedding: nn.Embedding | nn.QuantizedEmbedding, { rank, scale, dropout }: LoraSettings) {
    super();
    if (embedding instanceof nn.QuantizedEmbedding) {
      throw new UnsupportedOperationError('DoRA is not for quantized embeddings; use LoRA, or name other layers', {
        operation: 'lm.linearToLoraLayers',
      });
    }
    const [count, dims] = extentsOf(embedding);
    skipDraws(() => new nn.Embedding(count, dims));
    this.embedding = embedding;
    this.dropout = new nn.Dropout(dropout);
    this.scale = scale;
    this.lora_a = drawnWithin(count, [count, rank]);
    this.lora_b = mx.zeros([rank, dims]);
    this.m = rowLengths(embedding.weight);
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
  asLinear(x: mx.Array): mx.Array {
    const z = this.dropout.forward(x).matmul(this.lora_b.T).matmul(this.lora_a.T);
    const sum = this.embedding.asLinear(x).add(z.multiply(this.scale).astype(x.dtype));
    const adapted = this.embedding.weight.add(this.lora_a.multiply(this.scale).matmul(this.lora_b));
    return this.m.divide(mx.stopGradient(rowLengths(adapted))).multiply(sum);
  }

  fuse(options: FuseLayerOptions = {}): nn.Embedding | nn.QuantizedEmbedding {
    const { weight } = this.embedding;
    const delta = this.lora_a.multiply(this.scale).matmul(this.lora_b);
    return fusedEmbedding(this.embedding, withLengths(weight.add(delta.astype(weight.dtype)), this.m), options);
  }
}
