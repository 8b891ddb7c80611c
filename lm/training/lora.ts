import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { dequantizedWeight, embeddingOf, linearOf } from '../convert/quantize.ts';

// LoRA (Hu et al. 2021, https://arxiv.org/abs/2106.09685): a product of two small matrices is added to a frozen one.

/** How low-rank layers are made. */
export interface LoraSettings {
  /** How many columns the first matrix has. */
  readonly rank: number;
  /** What the product of the two matrices is multiplied by. */
  readonly scale: number;
  /** With which probability inputs of the two matrices are dropped in training. */
  readonly dropout: number;
}

export interface FuseLayerOptions {
  /** Whether a quantized layer becomes a plain one. Default: false, it is quantized again as it was. */
  readonly dequantize?: boolean | undefined;
}

/** A layer with adapters, which may become one without. */
export type Fusible = nn.Module & { fuse(options?: FuseLayerOptions): nn.Module };

type AnyLinear = nn.Linear | nn.QuantizedLinear;
type AnyEmbedding = nn.Embedding | nn.QuantizedEmbedding;

const isQuantized = (layer: nn.Module): layer is nn.QuantizedLinear | nn.QuantizedEmbedding =>
  layer instanceof nn.QuantizedLinear || layer instanceof nn.QuantizedEmbedding;

/** Rows and columns of a layer's weight, as it is before it is quantized. */
function extentsOf(layer: AnyLinear | AnyEmbedding): [rows: number, columns: number] {
  const [rows, columns] = layer.weight.shape as [number, number];
  return isQuantized(layer) ? [rows, Math.floor((columns * 32) / layer.bits)] : [rows, columns];
}

/** The weight of a layer, in full if it is quantized. */
export function fullWeight(layer: AnyLinear | AnyEmbedding): mx.Array {
  return isQuantized(layer) ? dequantizedWeight(layer) : layer.weight;
}

/** Draws evenly within `√(1 / count)`. */
export function drawnWithin(count: number, shape: readonly number[]): mx.Array {
  const bound = 1 / Math.sqrt(count);
  return mx.random.uniform(-bound, bound, [...shape]);
}

/** Draws what mlx_lm draws for a layer that it replaces at once, so that all that follows is as there. */
export function skipDraws(draw: () => nn.Module): void {
  mx.tidy(() => {
    draw();
    return mx.random.state;
  });
}

export function fusedLinear(layer: AnyLinear, weight: mx.Array, { dequantize = false }: FuseLayerOptions): AnyLinear {
  const plain = linearOf(weight, layer.bias);
  if (!(layer instanceof nn.QuantizedLinear) || dequantize) return plain;
  const { groupSize, bits, mode } = layer;
  return nn.QuantizedLinear.fromLinear(plain, { groupSize, bits, mode });
}

export function fusedEmbedding(
  layer: AnyEmbedding,
  weight: mx.Array,
  { dequantize = false }: FuseLayerOptions,
): AnyEmbedding {
  const plain = embeddingOf(weight);
  if (!(layer instanceof nn.QuantizedEmbedding) || dequantize) return plain;
  const { groupSize, bits, mode } = layer;
  return nn.QuantizedEmbedding.fromEmbedding(plain, { groupSize, bits, mode });
}

/**
 * `linear(x) + scale · x · lora_a · lora_b`.
 *
 * - `lora_a`: `[inputDims, rank]`, drawn evenly within `√(1 / inputDims)`
 * - `lora_b`: `[rank, outputDims]`, zeros
 */
export class LoRALinear extends nn.Module {
  linear: AnyLinear;
  dropout: nn.Dropout;
  readonly scale: number;
  lora_a: mx.Array;
  lora_b: mx.Array;

  constructor(linear: AnyLinear, { rank, scale, dropout }: LoraSettings) {
    super();
    const [output, input] = extentsOf(linear);
    skipDraws(() => new nn.Linear(input, output, { bias: false }));
    this.linear = linear;
    this.dropout = new nn.Dropout(dropout);
    this.scale = scale;
    this.lora_a = drawnWithin(input, [input, rank]);
    this.lora_b = mx.zeros([rank, output]);
  }

  /** `[…, inputDims]` → `[…, outputDims]` */
  override forward(x: mx.Array): mx.Array {
    const y = this.linear.forward(x);
    const z = this.dropout.forward(x).matmul(this.lora_a).matmul(this.lora_b);
    return y.add(z.multiply(this.scale).astype(x.dtype));
  }

  /** What the adapters add to the weight: `[outputDims, inputDims]`. */
  protected delta(): mx.Array {
    return this.lora_b.T.multiply(this.scale).matmul(this.lora_a.T);
  }

  fuse(options: FuseLayerOptions = {}): AnyLinear {
    const weight = fullWeight(this.linear);
    return fusedLinear(this.linear, weight.add(this.delta().astype(weight.dtype)), options);
  }
}

/**
 * `embedding(x) + scale · lora_a[x] · lora_b`.
 *
 * - `lora_a`: `[numEmbeddings, rank]`, drawn evenly within `√(1 / numEmbeddings)`
 * - `lora_b`: `[rank, dims]`, zeros
 */
export class LoRAEmbedding extends nn.Module {
  embedding: AnyEmbedding;
  dropout: nn.Dropout;
  readonly scale: number;
  lora_a: mx.Array;
  lora_b: mx.Array;

  constructor(embedding: AnyEmbedding, { rank, scale, dropout }: LoraSettings) {
    super();
    const [count, dims] = extentsOf(embedding);
    skipDraws(() => new nn.Embedding(count, dims));
    this.embedding = embedding;
    this.dropout = new nn.Dropout(dropout);
    this.scale = scale;
    this.lora_a = drawnWithin(count, [count, rank]);
    this.lora_b = mx.zeros([rank, dims]);
  }

  /** Indices of any shape `[…]` → `[…, dims]` */
  override forward(x: mx.Array): mx.Array {
    const y = this.embedding.forward(x);
    const z = this.dropout.forward(this.lora_a.index(x).matmul(this.lora_b));
    return y.add(z.multiply(this.scale).astype(y.dtype));
  }

  /** The scores of all embeddings: `[…, dims]` → `[…, numEmbeddings]` */
  asLinear(x: mx.Array): mx.Array {
    const y = this.embedding.asLinear(x);
    const z = this.dropout.forward(x).matmul(this.lora_b.T).matmul(this.lora_a.T);
    return y.add(z.multiply(this.scale).astype(x.dtype));
  }

  /** What the adapters add to the table: `[numEmbeddings, dims]`. */
  protected delta(): mx.Array {
    return this.lora_a.multiply(this.scale).matmul(this.lora_b);
  }

  fuse(options: FuseLayerOptions = {}): AnyEmbedding {
    const weight = fullWeight(this.embedding);
    return fusedEmbedding(this.embedding, weight.add(this.delta().astype(weight.dtype)), options);
  }
}
