import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Dtype } from '../../../foundation/values/dtypes.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray } from '../../arguments/checks.ts';
import { count, dtype, flag, func, instance, number, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { relu } from '../activations.ts';
import { Module } from '../module.ts';
import { checkpoint } from '../value-and-grad.ts';
import { Dropout } from './dropout.ts';
import { Linear } from './linear.ts';
import { LayerNorm } from './normalization.ts';

type Activation = (x: Tensor) => Tensor;
/** True or false for each pair of positions, or what is added to its score; null: all see all. */
type Mask = Tensor | null;

const attentionArguments = signature('nn.MultiHeadAttention', {
  dims: size,
  numHeads: size,
  queryInputDims: or(size, null),
  keyInputDims: or(size, null),
  valueInputDims: or(size, null),
  valueDims: or(size, null),
  valueOutputDims: or(size, null),
  bias: or(flag, false),
});

const causalMaskArguments = signature('nn.MultiHeadAttention.createAdditiveCausalMask', {
  n: size,
  dtype: or(dtype, mx.float32),
});

interface AttentionOptions {
  /** Default: `dims`. */
  queryInputDims?: number | null;
  /** Default: `dims`. */
  keyInputDims?: number | null;
  /** Default: that of the keys. */
  valueInputDims?: number | null;
  /** Default: `dims`. */
  valueDims?: number | null;
  /** Default: `dims`. */
  valueOutputDims?: number | null;
  bias?: boolean;
}

/**
 * Scaled dot-product attention of several heads.
 *
 * - `query_proj`, `key_proj`, `value_proj`, `out_proj`: `nn.Linear`
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.MultiHeadAttention.html
 */
export class MultiHeadAttention extends Module {
  readonly numHeads: number;
  query_proj: Linear;
  key_proj: Linear;
  value_proj: Linear;
  out_proj: Linear;

  constructor(dims: number, numHeads: number, options?: AttentionOptions);
  constructor(options: { dims: number; numHeads: number } & AttentionOptions);
  constructor(...args: unknown[]) {
    super();
    const { dims, numHeads, bias, ...given } = attentionArguments(args);
    if (dims % numHeads !== 0) {
      throw new ArgumentError(`expected a size that ${numHeads} heads divide for "dims", received ${dims}`, {
        operation: 'nn.MultiHeadAttention',
      });
    }
    const keyDims = given.keyInputDims ?? dims;
    const valueDims = given.valueDims ?? dims;
    this.numHeads = numHeads;
    this.query_proj = new Linear(given.queryInputDims ?? dims, dims, bias);
    this.key_proj = new Linear(keyDims, dims, bias);
    this.value_proj = new Linear(given.valueInputDims ?? keyDims, valueDims, bias);
    this.out_proj = new Linear(valueDims, given.valueOutputDims ?? dims, bias);
  }

  /** `[N, L, D]`, `[N, S, D]`, `[N, S, D]` → `[N, L, valueOutputDims]` */
  override forward(queries: Tensor, keys: Tensor, values: Tensor, mask: Mask = null): Tensor {
    const heads = (x: Tensor) => mx.unflatten(x, -1, [this.numHeads, -1]).transpose(0, 2, 1, 3);
    const q = heads(this.query_proj.forward(queries));
    const k = heads(this.key_proj.forward(keys));
    const v = heads(this.value_proj.forward(values));
    const scale = Math.sqrt(1 / (q.shape.at(-1) as number));
    const attended = mx.fast.scaledDotProductAttention(q, k, v, { scale, mask });
    return this.out_proj.forward(attended.transpose(0, 2, 1, 3).flatten(-2, -1));
  }

  /** What a position adds to the scores of later ones so that it does not see them: `[n, n]`. */
  static createAdditiveCausalMask(n: number, dtype?: Dtype | { dtype?: Dtype }): Tensor;
  static createAdditiveCausalMask(...args: unknown[]): Tensor {
    const { n, dtype } = causalMaskArguments(args);
    const indices = mx.arange(n);
    const isLater = indices.index('...', null).less(indices.index(null));
    return isLater.astype(dtype).multiply(mx.finfo(dtype).min);
  }
}

interface LayerOptions {
  /** Default: `4 · dims`. */
  mlpDims?: number | null;
  /** Default: 0. */
  dropout?: number;
  /** Default: `nn.relu`. */
  activation?: Activation;
  /** Whether normalization comes before attention and not after it. Default: true. */
  normFirst?: boolean;
}

const layerKinds = {
  dims: size,
  numHeads: size,
  mlpDims: or(size, null),
  dropout: or(number, 0),
  activation: or(func<Activation>(), relu),
  normFirst: or(flag, true),
};

const encoderLayerArguments = signature('nn.TransformerEncoderLayer', layerKinds);

/**
 * A block of an encoder: attention, then two linear layers, each with normalization and a connection around it.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Transformer.html
 */
export class TransformerEncoderLayer extends Module {
  attention: MultiHeadAttention;
  ln1: LayerNorm;
  ln2: LayerNorm;
  linear1: Linear;
  linear2: Linear;
  dropout1: Dropout;
  dropout2: Dropout;
  readonly activation: Activation;
  readonly normFirst: boolean;

  constructor(dims: number, numHeads: number, mlpDims?: number | null | LayerOptions, options?: LayerOptions);
  constructor(options: { dims: number; numHeads: number } & LayerOptions);
  constructor(...args: unknown[]) {
    super();
    const { dims, numHeads, mlpDims, dropout, activation, normFirst } = encoderLayerArguments(args);
    const hidden = mlpDims ?? dims * 4;
    this.attention = new MultiHeadAttention(dims, numHeads);
    this.ln1 = new LayerNorm(dims);
    this.ln2 = new LayerNorm(dims);
    this.linear1 = new Linear(dims, hidden);
    this.linear2 = new Linear(hidden, dims);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activation;
    this.normFirst = normFirst;
  }

  override forward(x: Tensor, mask: Mask): Tensor {
    checkArray(x, 'x', 'nn.TransformerEncoderLayer');
    const attend = (y: Tensor) => this.dropout1.forward(this.attention.forward(y, y, y, mask));
    const transform = (y: Tensor) =>
      this.linear2.forward(this.dropout2.forward(this.activation(this.linear1.forward(y))));
    if (this.normFirst) {
      const attended = x.add(attend(this.ln1.forward(x)));
      return attended.add(transform(this.ln2.forward(attended)));
    }
    const attended = this.ln1.forward(x.add(attend(x)));
    return this.ln2.forward(attended.add(transform(attended)));
  }
}

const decoderLayerArguments = signature('nn.TransformerDecoderLayer', layerKinds);

/** A block of a decoder: attention to itself, attention to what was encoded, then two linear layers. */
export class TransformerDecoderLayer extends Module {
  self_attention: MultiHeadAttention;
  cross_attention: MultiHeadAttention;
  ln1: LayerNorm;
  ln2: LayerNorm;
  ln3: LayerNorm;
  linear1: Linear;
  linear2: Linear;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  readonly activation: Activation;
  readonly normFirst: boolean;

  constructor(dims: number, numHeads: number, mlpDims?: number | null | LayerOptions, options?: LayerOptions);
  constructor(options: { dims: number; numHeads: number } & LayerOptions);
  constructor(...args: unknown[]) {
    super();
    const { dims, numHeads, mlpDims, dropout, activation, normFirst } = decoderLayerArguments(args);
    const hidden = mlpDims ?? dims * 4;
    this.self_attention = new MultiHeadAttention(dims, numHeads);
    this.cross_attention = new MultiHeadAttention(dims, numHeads);
    this.ln1 = new LayerNorm(dims);
    this.ln2 = new LayerNorm(dims);
    this.ln3 = new LayerNorm(dims);
    this.linear1 = new Linear(dims, hidden);
    this.linear2 = new Linear(hidden, dims);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activation;
    this.normFirst = normFirst;
  }

  override forward(x: Tensor, memory: Tensor, mask: Mask, memoryMask: Mask): Tensor {
    checkArray(x, 'x', 'nn.TransformerDecoderLayer');
    const attend = (y: Tensor) => this.dropout1.forward(this.self_attention.forward(y, y, y, mask));
    const recall = (y: Tensor) => this.dropout2.forward(this.cross_attention.forward(y, memory, memory, memoryMask));
    const transform = (y: Tensor) =>
      this.linear2.forward(this.dropout3.forward(this.activation(this.linear1.forward(y))));
    if (this.normFirst) {
      const attended = x.add(attend(this.ln1.forward(x)));
      const recalled = attended.add(recall(this.ln2.forward(attended)));
      return recalled.add(transform(this.ln3.forward(recalled)));
    }
    const attended = this.ln1.forward(x.add(attend(x)));
    const recalled = this.ln2.forward(attended.add(recall(attended)));
    return this.ln3.forward(recalled.add(transform(recalled)));
  }
}

/** More layers than that, of any size, would take longer to make than anyone waits. */
const layerCount = count(10_000);
const stackKinds = { numLayers: layerCount, ...layerKinds, checkpoint: or(flag, false) };

interface StackOptions extends LayerOptions {
  /** Whether the layers are computed again for the gradient instead of kept. Default: false. */
  checkpoint?: boolean;
}

const encoderArguments = signature('nn.TransformerEncoder', stackKinds);

export class TransformerEncoder extends Module {
  layers: TransformerEncoderLayer[];
  ln: LayerNorm;
  readonly checkpoint: boolean;

  constructor(numLayers: number, dims: number, numHeads: number, options?: StackOptions);
  constructor(options: { numLayers: number; dims: number; numHeads: number } & StackOptions);
  constructor(...args: unknown[]) {
    super();
    const { numLayers, checkpoint: isCheckpointed, ...layer } = encoderArguments(args);
    this.layers = Array.from({ length: numLayers }, () => new TransformerEncoderLayer(layer));
    this.ln = new LayerNorm(layer.dims);
    this.checkpoint = isCheckpointed;
  }

  override forward(x: Tensor, mask: Mask): Tensor {
    let y = x;
    for (const layer of this.layers) y = this.checkpoint ? checkpoint(layer)(y, mask) : layer.forward(y, mask);
    return this.ln.forward(y);
  }
}

const decoderArguments = signature('nn.TransformerDecoder', stackKinds);

export class TransformerDecoder extends Module {
  layers: TransformerDecoderLayer[];
  ln: LayerNorm;
  readonly checkpoint: boolean;

  constructor(numLayers: number, dims: number, numHeads: number, options?: StackOptions);
  constructor(options: { numLayers: number; dims: number; numHeads: number } & StackOptions);
  constructor(...args: unknown[]) {
    super();
    const { numLayers, checkpoint: isCheckpointed, ...layer } = decoderArguments(args);
    this.layers = Array.from({ length: numLayers }, () => new TransformerDecoderLayer(layer));
    this.ln = new LayerNorm(layer.dims);
    this.checkpoint = isCheckpointed;
  }

  override forward(x: Tensor, memory: Tensor, mask: Mask, memoryMask: Mask): Tensor {
    let y = x;
    for (const layer of this.layers) {
      const run = this.checkpoint ? checkpoint(layer) : layer.forward.bind(layer);
      y = run(y, memory, mask, memoryMask);
    }
    return this.ln.forward(y);
  }
}

const transformerArguments = signature('nn.Transformer', {
  dims: or(size, 512),
  numHeads: or(size, 8),
  numEncoderLayers: or(layerCount, 6),
  numDecoderLayers: or(layerCount, 6),
  mlpDims: or(size, null),
  dropout: or(number, 0),
  activation: or(func<Activation>(), relu),
  customEncoder: or(instance(Module, 'a module (nn.Module)'), null),
  customDecoder: or(instance(Module, 'a module (nn.Module)'), null),
  normFirst: or(flag, true),
  checkpoint: or(flag, false),
});

/** A module that is called as an encoder is. */
type Encoder = Module & { forward(x: Tensor, mask: Mask): Tensor };
type Decoder = Module & { forward(x: Tensor, memory: Tensor, mask: Mask, memoryMask: Mask): Tensor };

interface TransformerOptions extends StackOptions {
  dims?: number;
  numHeads?: number;
  numEncoderLayers?: number;
  numDecoderLayers?: number;
  customEncoder?: Encoder | null;
  customDecoder?: Decoder | null;
}

/**
 * An encoder and a decoder; by default of six layers each, of 8 heads and 512 dimensions.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Transformer.html
 */
export class Transformer extends Module {
  encoder: Encoder;
  decoder: Decoder;

  constructor(dims?: number | TransformerOptions, numHeads?: number | TransformerOptions, options?: TransformerOptions);
  constructor(...args: unknown[]) {
    super();
    const { numEncoderLayers, numDecoderLayers, customEncoder, customDecoder, ...layer } = transformerArguments(args);
    this.encoder =
      (customEncoder as Encoder | null) ?? new TransformerEncoder({ numLayers: numEncoderLayers, ...layer });
    this.decoder =
      (customDecoder as Decoder | null) ?? new TransformerDecoder({ numLayers: numDecoderLayers, ...layer });
  }

  override forward(source: Tensor, target: Tensor, sourceMask: Mask, targetMask: Mask, memoryMask: Mask): Tensor {
    return this.decoder.forward(target, this.encoder.forward(source, sourceMask), targetMask, memoryMask);
  }
}
