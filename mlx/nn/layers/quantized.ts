import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray, checkDims } from '../../arguments/checks.ts';
import { choice, flag, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { checkModule, Module } from '../module.ts';
import { flagText } from '../repr.ts';
import { derived, drawn, drawnNormally, withoutDrawing } from './drawn.ts';

export type QuantizationMode = 'affine' | 'mxfp4' | 'nvfp4' | 'mxfp8';

/** How many weights share a scale, and of how many bits each is, where nothing else is said. */
const DEFAULTS: Readonly<Record<QuantizationMode, readonly [groupSize: number, bits: number]>> = {
  affine: [64, 4],
  mxfp4: [32, 4],
  nvfp4: [16, 4],
  mxfp8: [32, 8],
};

export interface QuantizationOptions {
  /** How many weights share a scale. Default: that of the mode. */
  readonly groupSize?: number | null;
  /** Of how many bits each weight is. Default: that of the mode. */
  readonly bits?: number | null;
  /** Default: `affine`. */
  readonly mode?: QuantizationMode;
}

export interface QuantizeOptions extends QuantizationOptions {
  /** Whether inputs are quantized as well. Default: false. */
  readonly quantizeInput?: boolean;
}

const mode = choice('affine', 'mxfp4', 'nvfp4', 'mxfp8');
const kinds = { groupSize: or(size, null), bits: or(size, null), mode: or(mode, 'affine' as const) };

/** What `toQuantized` of a layer takes. */
export type QuantizeArguments = [
  groupSize?: number | null | QuantizeOptions,
  bits?: number | null | QuantizeOptions,
  mode?: QuantizationMode | QuantizeOptions,
  quantizeInput?: boolean,
];

/** The same without inputs. */
type QuantizationArguments = [
  groupSize?: number | null | QuantizationOptions,
  bits?: number | null | QuantizationOptions,
  mode?: QuantizationMode,
];

export const quantizeKinds = { ...kinds, quantizeInput: or(flag, false) };

/** @throws ArgumentError for what is no layer with a matrix as its weight. */
function checkWeight(layer: unknown, operation: string): void {
  checkModule(layer, operation);
  const { weight } = layer as Module & { readonly weight?: unknown };
  checkArray(weight, 'weight', operation);
  checkDims(weight, 2, operation, 2);
}

interface Quantized {
  weight: Tensor;
  scales: Tensor;
  /** null of the modes that have none. */
  biases: Tensor | null;
}

interface Settings {
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: QuantizationMode;
}

function settingsOf(given: {
  readonly groupSize: number | null;
  readonly bits: number | null;
  readonly mode: QuantizationMode;
}): Settings {
  const [groupSize, bits] = DEFAULTS[given.mode];
  return { groupSize: given.groupSize ?? groupSize, bits: given.bits ?? bits, mode: given.mode };
}

export function quantized(weight: Tensor, { groupSize, bits, mode }: Settings): Quantized {
  return derived(weight, `quantized ${groupSize} ${bits} ${mode}`, () => {
    const [packed, scales, biases] = mx.quantize(weight, groupSize, bits, mode) as readonly Tensor[];
    return { weight: packed as Tensor, scales: scales as Tensor, biases: biases ?? null };
  });
}

/** `x · weightᵀ` of a quantized layer. */
export function quantizedProduct(x: Tensor, layer: Quantized & Settings): Tensor {
  const { weight, scales, biases, groupSize, bits, mode } = layer;
  // By position: to read names takes a quarter of the call.
  return mx.quantizedMatmul(x, weight, scales, biases, true, groupSize, bits, mode);
}

function settingsText({ groupSize, bits, mode }: Settings): string {
  return `group_size=${groupSize}, bits=${bits}, mode=${mode}`;
}

const quantizedEmbeddingArguments = signature('nn.QuantizedEmbedding', { numEmbeddings: size, dims: size, ...kinds });

/**
 * An embedding whose table is quantized, and frozen.
 *
 * - `weight`: `[numEmbeddings, dims · bits / 32]` of uint32; `scales`, `biases`: one for each group
 */
export class QuantizedEmbedding extends Module implements Quantized, Settings {
  weight: Tensor;
  scales: Tensor;
  biases: Tensor | null;
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: QuantizationMode;
  readonly numEmbeddings: number;
  readonly dims: number;

  constructor(numEmbeddings: number, dims: number, ...settings: QuantizationArguments);
  constructor(options: { numEmbeddings: number; dims: number } & QuantizationOptions);
  constructor(...args: unknown[]) {
    super();
    const { numEmbeddings, dims, ...given } = quantizedEmbeddingArguments(args);
    const settings = settingsOf(given);
    const table = drawnNormally(Math.sqrt(1 / dims), numEmbeddings, dims);
    const { weight, scales, biases } = quantized(table, settings);
    this.weight = weight;
    this.scales = scales;
    this.biases = biases;
    this.groupSize = settings.groupSize;
    this.bits = settings.bits;
    this.mode = settings.mode;
    this.numEmbeddings = numEmbeddings;
    this.dims = dims;
    this.freeze({ recurse: false });
  }

  /** @throws ArgumentError for what is no layer with a matrix as its weight. */
  static fromEmbedding(
    embedding: Module & { readonly weight: Tensor },
    ...settings: QuantizationArguments
  ): QuantizedEmbedding {
    checkWeight(embedding, 'nn.QuantizedEmbedding.fromEmbedding');
    const [count, dims] = embedding.weight.shape as [number, number];
    const layer = withoutDrawing(() => new QuantizedEmbedding(count, dims, ...settings));
    return Object.assign(layer, quantized(embedding.weight, layer));
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.QuantizedEmbedding');
    const { groupSize, bits, mode } = this;
    const biases = this.biases?.index(x) ?? null;
    return mx.dequantize(this.weight.index(x), this.scales.index(x), biases, { groupSize, bits, mode });
  }

  /** `x · weightᵀ`: the scores of all embeddings. */
  asLinear(x: Tensor): Tensor {
    return quantizedProduct(x, this);
  }

  protected override extraRepr(): string {
    return `${this.numEmbeddings}, ${this.dims}, ${settingsText(this)}`;
  }
}

const quantizedLinearArguments = signature('nn.QuantizedLinear', {
  inputDims: size,
  outputDims: size,
  bias: or(flag, true),
  ...kinds,
});

interface LinearLike extends Module {
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

/**
 * A linear layer whose weight is quantized, and frozen.
 *
 * - `weight`: `[outputDims, inputDims · bits / 32]` of uint32; `scales`, `biases`: one for each group
 * - `bias`: `[outputDims]`, zeros; absent if `bias` is false
 */
export class QuantizedLinear extends Module implements Quantized, Settings {
  weight: Tensor;
  scales: Tensor;
  biases: Tensor | null;
  declare bias?: Tensor;
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: QuantizationMode;

  constructor(
    inputDims: number,
    outputDims: number,
    bias?: boolean | (QuantizationOptions & { bias?: boolean }),
    ...settings: QuantizationArguments
  );
  constructor(options: { inputDims: number; outputDims: number; bias?: boolean } & QuantizationOptions);
  constructor(...args: unknown[]) {
    super();
    const { inputDims, outputDims, bias, ...given } = quantizedLinearArguments(args);
    const settings = settingsOf(given);
    const { weight, scales, biases } = quantized(drawn(Math.sqrt(1 / inputDims), outputDims, inputDims), settings);
    this.weight = weight;
    this.scales = scales;
    this.biases = biases;
    if (bias) this.bias = mx.zeros([outputDims]);
    this.groupSize = settings.groupSize;
    this.bits = settings.bits;
    this.mode = settings.mode;
    this.freeze({ recurse: false });
  }

  /** @throws ArgumentError for what is no layer with a matrix as its weight. */
  static fromLinear(linear: LinearLike, ...settings: QuantizationArguments): QuantizedLinear {
    checkWeight(linear, 'nn.QuantizedLinear.fromLinear');
    const [output, input] = linear.weight.shape as [number, number];
    const layer = withoutDrawing(() => new QuantizedLinear(input, output, false, ...settings));
    Object.assign(layer, quantized(linear.weight, layer));
    if (linear.bias !== undefined) layer.bias = linear.bias;
    return layer;
  }

  override forward(x: Tensor): Tensor {
    const y = quantizedProduct(x, this);
    return this.bias === undefined ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    const [output, packed] = this.weight.shape as [number, number];
    const input = Math.floor((packed * 32) / this.bits);
    return `input_dims=${input}, output_dims=${output}, bias=${flagText(this.bias !== undefined)}, ${settingsText(this)}`;
  }
}

const qqLinearArguments = signature('nn.QQLinear', {
  inputDims: size,
  outputDims: size,
  groupSize: or(size, null),
  bits: or(size, null),
  mode: or(mode, 'nvfp4' as const),
});

/**
 * A linear layer without bias whose inputs and weight are quantized for the product. The weight is kept as it is in
 * training mode, and quantized in evaluation mode.
 */
export class QQLinear extends Module {
  weight: Tensor;
  declare scales?: Tensor;
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: QuantizationMode;

  constructor(inputDims: number, outputDims: number, ...settings: QuantizationArguments);
  constructor(options: { inputDims: number; outputDims: number } & QuantizationOptions);
  constructor(...args: unknown[]) {
    super();
    const { inputDims, outputDims, ...given } = qqLinearArguments(args);
    const settings = settingsOf(given);
    this.weight = drawn(Math.sqrt(1 / inputDims), outputDims, inputDims);
    this.groupSize = settings.groupSize;
    this.bits = settings.bits;
    this.mode = settings.mode;
  }

  /** @throws ArgumentError for a layer with a bias, or a mode other than `nvfp4` and `mxfp8`. */
  static fromLinear(linear: LinearLike, ...settings: QuantizationArguments): QQLinear {
    const operation = 'nn.QQLinear.fromLinear';
    checkWeight(linear, operation);
    const [output, input] = linear.weight.shape as [number, number];
    if (linear.bias !== undefined) throw new ArgumentError('expected a layer without bias', { operation });
    const layer = withoutDrawing(() => new QQLinear(input, output, ...settings));
    if (layer.mode !== 'nvfp4' && layer.mode !== 'mxfp8') {
      throw new ArgumentError(`inputs are quantized in the modes "nvfp4" and "mxfp8" only, received "${layer.mode}"`, {
        operation,
      });
    }
    layer.weight = linear.weight;
    layer.train(linear.training);
    return layer;
  }

  quantize(): void {
    if (this.scales !== undefined) return;
    const { weight, scales } = quantized(this.weight, this);
    this.weight = weight;
    this.scales = scales;
  }

  dequantize(): void {
    if (this.scales === undefined) return;
    const { groupSize, bits, mode } = this;
    this.weight = mx.dequantize(this.weight, this.scales, null, { groupSize, bits, mode });
    delete this.scales;
  }

  protected override setTraining(isTraining: boolean): void {
    super.setTraining(isTraining);
    if (isTraining) this.dequantize();
    else this.quantize();
  }

  override forward(x: Tensor): Tensor {
    const { groupSize, bits, mode } = this;
    return mx.qqmm(x, this.weight, this.scales ?? null, { groupSize, bits, mode });
  }

  protected override extraRepr(): string {
    const [output, packed] = this.weight.shape as [number, number];
    const input = this.scales === undefined ? packed : Math.floor((packed * 32) / this.bits);
    return `input_dims=${input}, output_dims=${output}, ${settingsText(this)}`;
  }
}
