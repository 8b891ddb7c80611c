import type { Tensor } from '../../../router/tensors/tensor.ts';
import { each, flag, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { flagText } from '../repr.ts';
import { checkPositive, dilationText, type Extents, extentsText, kindsFor, product, triple } from './convolution.ts';
import { drawn } from './drawn.ts';

export interface ConvTransposeOptions {
  /** How far the kernel moves. Default: 1. */
  stride?: Extents;
  /** How much of both ends is cut off. Default: 0. */
  padding?: Extents;
  /** How far the elements that a kernel writes are apart. Default: 1. */
  dilation?: Extents;
  /** By how much one end is longer. Default: 0. */
  outputPadding?: Extents;
  /** Default: true. */
  bias?: boolean;
}

function transposeKinds(dims: number) {
  return {
    ...kindsFor(dims),
    outputPadding: or(each(dims), Array<number>(dims).fill(0)),
    bias: or(flag, true),
  };
}

interface Given {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly bias: boolean;
}

abstract class ConvTranspose extends Module {
  weight: Tensor;
  declare bias?: Tensor;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];

  constructor(operation: string, given: Given) {
    super();
    const { inChannels, outChannels, kernelSize } = given;
    checkPositive(kernelSize, 'kernelSize', operation);
    const scale = Math.sqrt(1 / (inChannels * product(kernelSize)));
    this.weight = drawn(scale, outChannels, ...kernelSize, inChannels);
    if (given.bias) this.bias = mx.zeros([outChannels]);
    this.stride = given.stride;
    this.padding = given.padding;
    this.dilation = given.dilation;
    this.outputPadding = given.outputPadding;
  }

  protected abstract convolve(x: Tensor): Tensor;

  override forward(x: Tensor): Tensor {
    const y = this.convolve(x);
    return this.bias === undefined ? y : y.add(this.bias);
  }

  protected override extraRepr(): string {
    const { shape } = this.weight;
    return (
      `${shape.at(-1)}, ${shape[0]}, kernel_size=${extentsText(shape.slice(1, -1))}, ` +
      `stride=${extentsText(this.stride)}, padding=${extentsText(this.padding)}, ` +
      `dilation=${dilationText(this.dilation)}, output_padding=${extentsText(this.outputPadding)}, ` +
      `bias=${flagText(this.bias !== undefined)}`
    );
  }
}

type Named = { inChannels: number; outChannels: number; kernelSize: Extents } & ConvTransposeOptions;

const transpose1dArguments = signature('nn.ConvTranspose1d', transposeKinds(1));

/**
 * A transposed convolution over `[N, L, inChannels]`.
 *
 * - `weight`: `[outChannels, kernelSize, inChannels]`
 * - `bias`: `[outChannels]`, zeros; absent if `bias` is false
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents,
    stride?: Extents | ConvTransposeOptions,
    padding?: Extents | ConvTransposeOptions,
    dilation?: Extents | ConvTransposeOptions,
    outputPadding?: Extents | ConvTransposeOptions,
    bias?: boolean,
  );
  constructor(options: Named);
  constructor(...args: unknown[]) {
    super('nn.ConvTranspose1d', transpose1dArguments(args));
  }

  protected override convolve(x: Tensor): Tensor {
    const [stride, padding, dilation, output] = [this.stride, this.padding, this.dilation, this.outputPadding].map(
      ([value]) => value,
    ) as [number, number, number, number];
    return mx.convTranspose1d(x, this.weight, stride, padding, dilation, output);
  }
}

const transpose2dArguments = signature('nn.ConvTranspose2d', transposeKinds(2));

/**
 * A transposed convolution over `[N, H, W, inChannels]`.
 *
 * - `weight`: `[outChannels, …kernelSize, inChannels]`
 * - `bias`: `[outChannels]`, zeros; absent if `bias` is false
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents,
    stride?: Extents | ConvTransposeOptions,
    padding?: Extents | ConvTransposeOptions,
    dilation?: Extents | ConvTransposeOptions,
    outputPadding?: Extents | ConvTransposeOptions,
    bias?: boolean,
  );
  constructor(options: Named);
  constructor(...args: unknown[]) {
    super('nn.ConvTranspose2d', transpose2dArguments(args));
  }

  protected override convolve(x: Tensor): Tensor {
    return mx.convTranspose2d(x, this.weight, this.stride, this.padding, this.dilation, this.outputPadding);
  }
}

const transpose3dArguments = signature('nn.ConvTranspose3d', transposeKinds(3));

/**
 * A transposed convolution over `[N, D, H, W, inChannels]`.
 *
 * - `weight`: `[outChannels, …kernelSize, inChannels]`
 * - `bias`: `[outChannels]`, zeros; absent if `bias` is false
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents,
    stride?: Extents | ConvTransposeOptions,
    padding?: Extents | ConvTransposeOptions,
    dilation?: Extents | ConvTransposeOptions,
    outputPadding?: Extents | ConvTransposeOptions,
    bias?: boolean,
  );
  constructor(options: Named);
  constructor(...args: unknown[]) {
    super('nn.ConvTranspose3d', transpose3dArguments(args));
  }

  protected override convolve(x: Tensor): Tensor {
    return mx.convTranspose3d(
      x,
      this.weight,
      triple(this.stride),
      triple(this.padding),
      triple(this.dilation),
      triple(this.outputPadding),
    );
  }
}
