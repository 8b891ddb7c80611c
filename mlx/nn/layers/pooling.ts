import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray, checkDims } from '../../arguments/checks.ts';
import { each, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { tupleText } from '../repr.ts';
import { checkPositive, type Extents } from './convolution.ts';

export interface PoolOptions {
  /** How far the window moves. Default: its own size. */
  stride?: Extents | null;
  /** How much is put at both ends. Default: 0. */
  padding?: Extents;
}

/** How windows become one value each, and what is put at the ends. */
interface Pooling {
  readonly reduce: (x: Tensor, axes: readonly number[]) => Tensor;
  readonly padding: number;
}

const MAX: Pooling = { reduce: (x, axes) => mx.max(x, axes), padding: Number.NEGATIVE_INFINITY };
const AVG: Pooling = { reduce: (x, axes) => mx.mean(x, axes), padding: 0 };

/** Where windows touch but do not overlap, and cover everything: a reshape. `[N, …, C]` → `[N, …windows, …window, C]` */
function tiled(x: Tensor, window: readonly number[]): Tensor {
  const { shape } = x;
  const inner = shape.slice(1, -1).flatMap((extent, i) => [extent / (window[i] as number), window[i] as number]);
  const spatial = window.map((_, i) => 1 + 2 * i);
  const axes = [0, ...spatial, ...spatial.map((axis) => axis + 1), 2 * window.length + 1];
  return x.reshape(shape[0] as number, ...inner, shape.at(-1) as number).transpose(axes);
}

/** `[N, …, C]` → `[N, …windows, …window, C]` */
function windows(x: Tensor, window: readonly number[], strides: readonly number[]): Tensor {
  const { shape } = x;
  const spatial = shape.slice(1, -1);
  const touches = spatial.every((extent, i) => window[i] === strides[i] && extent % (window[i] as number) === 0);
  if (touches) return tiled(x, window);
  const counts = spatial.map((extent, i) =>
    Math.max(0, Math.floor((extent - (window[i] as number)) / (strides[i] as number)) + 1),
  );
  const steps = shape.map((_, i) => shape.slice(i + 1).reduce((product, extent) => product * extent, 1));
  const moves = strides.map((stride, i) => stride * (steps[i + 1] as number));
  return mx.asStrided(
    x,
    [shape[0] as number, ...counts, ...window, shape.at(-1) as number],
    [steps[0] as number, ...moves, ...steps.slice(1, -1), steps.at(-1) as number],
  );
}

function kindsFor(dims: number) {
  const extents = each(dims);
  return { kernelSize: extents, stride: or(extents, null), padding: or(extents, Array<number>(dims).fill(0)) };
}

interface Given {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[] | null;
  readonly padding: readonly number[];
}

abstract class Pool extends Module {
  readonly #operation: string;
  readonly #pooling: Pooling;
  readonly #window: readonly number[];
  readonly #stride: readonly number[];
  readonly #padding: readonly number[];

  constructor(operation: string, pooling: Pooling, { kernelSize, stride, padding }: Given) {
    super();
    this.#operation = operation;
    this.#window = kernelSize;
    this.#stride = stride ?? kernelSize;
    this.#padding = padding;
    this.#pooling = pooling;
    checkPositive(this.#window, 'kernelSize', this.#operation);
    checkPositive(this.#stride, 'stride', this.#operation);
    if (padding.some((value) => value < 0)) {
      throw new ArgumentError(`expected no negative numbers for "padding", received [${padding}]`, {
        operation: this.#operation,
      });
    }
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', this.#operation);
    const dims = this.#window.length;
    checkDims(x, dims + 2, this.#operation, dims + 2);
    const ends = this.#padding.map((value) => [value, value] as const);
    const isPadded = this.#padding.some((value) => value > 0);
    const padded = isPadded ? mx.pad(x, [[0, 0], ...ends, [0, 0]], { constantValues: this.#pooling.padding }) : x;
    const axes = Array.from({ length: dims }, (_, i) => i - dims - 1);
    return this.#pooling.reduce(windows(padded, this.#window, this.#stride), axes);
  }

  protected override extraRepr(): string {
    const [window, stride, padding] = [this.#window, this.#stride, this.#padding].map(tupleText);
    return `kernel_size=${window}, stride=${stride}, padding=${padding}`;
  }
}

type Named = { kernelSize: Extents } & PoolOptions;
type PoolArguments =
  | [kernelSize: Extents, stride?: Extents | null | PoolOptions, padding?: Extents | { padding?: Extents }]
  | [options: Named];

const maxPool1dArguments = signature('nn.MaxPool1d', kindsFor(1));

/** The greatest of each window of `[N, L, C]`. */
export class MaxPool1d extends Pool {
  constructor(...args: PoolArguments) {
    super('nn.MaxPool1d', MAX, maxPool1dArguments(args));
  }
}

const avgPool1dArguments = signature('nn.AvgPool1d', kindsFor(1));

/** The mean of each window of `[N, L, C]`. */
export class AvgPool1d extends Pool {
  constructor(...args: PoolArguments) {
    super('nn.AvgPool1d', AVG, avgPool1dArguments(args));
  }
}

const maxPool2dArguments = signature('nn.MaxPool2d', kindsFor(2));

/** The greatest of each window of `[N, H, W, C]`. */
export class MaxPool2d extends Pool {
  constructor(...args: PoolArguments) {
    super('nn.MaxPool2d', MAX, maxPool2dArguments(args));
  }
}

const avgPool2dArguments = signature('nn.AvgPool2d', kindsFor(2));

/** The mean of each window of `[N, H, W, C]`. */
export class AvgPool2d extends Pool {
  constructor(...args: PoolArguments) {
    super('nn.AvgPool2d', AVG, avgPool2dArguments(args));
  }
}

const maxPool3dArguments = signature('nn.MaxPool3d', kindsFor(3));

/** The greatest of each window of `[N, D, H, W, C]`. */
export class MaxPool3d extends Pool {
  constructor(...args: PoolArguments) {
    super('nn.MaxPool3d', MAX, maxPool3dArguments(args));
  }
}

const avgPool3dArguments = signature('nn.AvgPool3d', kindsFor(3));

/** The mean of each window of `[N, D, H, W, C]`. */
export class AvgPool3d extends Pool {
  constructor(...args: PoolArguments) {
    super('nn.AvgPool3d', AVG, avgPool3dArguments(args));
  }
}
