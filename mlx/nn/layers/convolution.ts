import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { each, flag, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { flagText, tupleText } from '../repr.ts';
import { drawn } from './drawn.ts';

/** One number for all spatial dimensions, or a list of one for each. */
export type Extents = number | readonly number[];

export interface ConvOptions {
  /** How far the kernel moves. Default: 1. */
  stride?: Extents;
  /** How many zeros are put at both ends. Default: 0. */
  padding?: Extents;
  /** How far the elements that a kernel reads are apart. Default: 1. */
  dilation?: Extents;
  /** Into how many groups the channels are divided. Default: 1. */
  groups?: number;
  /** Default: true. */
  bias?: boolean;
}

const base = { inChannels: size, outChannels: size };
const last = { groups: or(size, 1), bias: or(flag, true) };

export function kindsFor(dims: number) {
  const numbers = each(dims);
  return {
    ...base,
    kernelSize: numbers,
    stride: or(numbers, Array<number>(dims).fill(1)),
    padding: or(numbers, Array<number>(dims).fill(0)),
    dilation: or(numbers, Array<number>(dims).fill(1)),
  };
}

export function checkPositive(values: readonly number[], name: string, operation: string): void {
  if (values.every((value) => value > 0)) return;
  throw new ArgumentError(`expected positive integers for "${name}", received [${values}]`, { operation });
}

export function product(values: readonly number[]): number {
  return values.reduce((all, value) => all * value, 1);
}

/** What all three have; `repr` tells whether Python shows an extent as a number or a tuple. */
abstract class Conv extends Module {
  weight: Tensor;
  declare bias?: Tensor;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;

  constructor(
    operation: string,
    given: {
      readonly inChannels: number;
      readonly outChannels: number;
      readonly kernelSize: readonly number[];
      readonly stride: readonly number[];
      readonly padding: readonly number[];
      readonly dilation: readonly number[];
      readonly groups: number;
      readonly bias: boolean;
    },
  ) {
    super();
    const { inChannels, outChannels, kernelSize, groups } = given;
    checkPositive(kernelSize, 'kernelSize', operation);
    if (inChannels % groups !== 0) {
      throw new ArgumentError(
        `expected a number of input channels that ${groups} groups divide, received ${inChannels}`,
        {
          operation,
        },
      );
    }
    const scale = Math.sqrt(1 / (inChannels * product(kernelSize)));
    this.weight = drawn(scale, outChannels, ...kernelSize, inChannels / groups);
    if (given.bias) this.bias = mx.zeros([outChannels]);
    this.stride = given.stride;
    this.padding = given.padding;
    this.dilation = given.dilation;
    this.groups = groups;
  }

  protected abstract convolve(x: Tensor): Tensor;

  override forward(x: Tensor): Tensor {
    const y = this.convolve(x);
    return this.bias === undefined ? y : y.add(this.bias);
  }
}

export function extentsText(values: readonly number[]): string {
  return values.length === 1 ? String(values[0]) : tupleText(values);
}

/** Python keeps a dilation of one number as it was given. */
export function dilationText(values: readonly number[]): string {
  return values.every((value) => value === values[0]) ? String(values[0]) : tupleText(values);
}

function convText(layer: Conv, groups: string): string {
  const { shape } = layer.weight;
  const kernel = extentsText(shape.slice(1, -1));
  return (
    `${(shape.at(-1) as number) * layer.groups}, ${shape[0]}, kernel_size=${kernel}, ` +
    `stride=${extentsText(layer.stride)}, padding=${extentsText(layer.padding)}, ` +
    `dilation=${dilationText(layer.dilation)}, ${groups}bias=${flagText(layer.bias !== undefined)}`
  );
}

const conv1dArguments = signature('nn.Conv1d', { ...kindsFor(1), ...last });

/**
 * A convolution over `[N, L, inChannels]`.
 *
 * - `weight`: `[outChannels, kernelSize, inChannels / groups]`, drawn evenly within `√(1 / (inChannels · kernelSize))`
 * - `bias`: `[outChannels]`, zeros; absent if `bias` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Conv1d.html
 */
export class Conv1d extends Conv {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents,
    stride?: Extents | ConvOptions,
    padding?: Extents | ConvOptions,
    dilation?: Extents | ConvOptions,
    groups?: number | ConvOptions,
    bias?: boolean,
  );
  constructor(options: { inChannels: number; outChannels: number; kernelSize: Extents } & ConvOptions);
  constructor(...args: unknown[]) {
    super('nn.Conv1d', conv1dArguments(args));
  }

  protected override convolve(x: Tensor): Tensor {
    const [stride, padding, dilation] = [this.stride[0], this.padding[0], this.dilation[0]] as [number, number, number];
    return mx.conv1d(x, this.weight, stride, padding, dilation, this.groups);
  }

  protected override extraRepr(): string {
    return convText(this, `groups=${this.groups}, `);
  }
}

const conv2dArguments = signature('nn.Conv2d', { ...kindsFor(2), ...last });

/**
 * A convolution over `[N, H, W, inChannels]`.
 *
 * - `weight`: `[outChannels, …kernelSize, inChannels / groups]`
 * - `bias`: `[outChannels]`, zeros; absent if `bias` is false
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Conv2d.html
 */
export class Conv2d extends Conv {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents,
    stride?: Extents | ConvOptions,
    padding?: Extents | ConvOptions,
    dilation?: Extents | ConvOptions,
    groups?: number | ConvOptions,
    bias?: boolean,
  );
  constructor(options: { inChannels: number; outChannels: number; kernelSize: Extents } & ConvOptions);
  constructor(...args: unknown[]) {
    super('nn.Conv2d', conv2dArguments(args));
  }

  protected override convolve(x: Tensor): Tensor {
    return mx.conv2d(x, this.weight, this.stride, this.padding, this.dilation, this.groups);
  }

  protected override extraRepr(): string {
    return convText(this, `groups=${this.groups}, `);
  }
}

type Triple = readonly [number, number, number];
export const triple = (values: readonly number[]) => values as unknown as Triple;

const conv3dArguments = signature('nn.Conv3d', { ...kindsFor(3), bias: last.bias });

/**
 * A convolution over `[N, D, H, W, inChannels]`.
 *
 * - `weight`: `[outChannels, …kernelSize, inChannels]`
 * - `bias`: `[outChannels]`, zeros; absent if `bias` is false
 */
export class Conv3d extends Conv {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents,
    stride?: Extents | Omit<ConvOptions, 'groups'>,
    padding?: Extents | Omit<ConvOptions, 'groups'>,
    dilation?: Extents | Omit<ConvOptions, 'groups'>,
    bias?: boolean | Omit<ConvOptions, 'groups'>,
  );
  constructor(options: { inChannels: number; outChannels: number; kernelSize: Extents } & Omit<ConvOptions, 'groups'>);
  constructor(...args: unknown[]) {
    super('nn.Conv3d', { ...conv3dArguments(args), groups: 1 });
  }

  protected override convolve(x: Tensor): Tensor {
    return mx.conv3d(x, this.weight, triple(this.stride), triple(this.padding), triple(this.dilation));
  }

  protected override extraRepr(): string {
    return convText(this, '');
  }
}
