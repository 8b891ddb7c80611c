import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray } from '../../arguments/checks.ts';
import { array, choice, flag, type Kind, list, number, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { flagText, floatText } from '../repr.ts';

export interface InterpolationOptions {
  /** Whether the first and the last sample stay where they are. Default: false. */
  readonly alignCorners?: boolean;
  /** Whether a smaller result is made from all samples and not only the nearest. Default: false. */
  readonly antialias?: boolean;
}

/** Samples of an axis, and how much each counts: indices that broadcast over the space, weights with one axis more. */
type Taps = readonly (readonly [indices: Tensor, weights: Tensor])[];
type TapsOf = (extent: number, scale: number, alignCorners: boolean, axis: number, dims: number) => Taps;

/** The indices along one axis of the space. */
function along(indices: Tensor, axis: number, dims: number): Tensor {
  return indices.reshape(...Array.from({ length: dims }, (_, i) => (i === axis ? -1 : 1)));
}

function counted(length: number): Tensor {
  return mx.arange(length, { dtype: mx.float32 });
}

function scaledIndices(extent: number, scale: number, alignCorners: boolean, axis: number, dims: number): Tensor {
  const length = Math.trunc(scale * extent);
  if (alignCorners) return along(counted(length).multiply((extent - 1) / Math.max(length - 1, 1)), axis, dims);
  const step = 1 / scale;
  const start = ((length - 1) * step - extent + 1) / 2;
  return along(counted(length).multiply(step).subtract(start), axis, dims);
}

function nearestIndices(extent: number, scale: number, axis: number, dims: number): Tensor {
  const length = Math.trunc(scale * extent);
  const ratio = extent / length;
  const indices =
    length > extent
      ? mx.round(counted(length).add(0.5).multiply(ratio).subtract(0.5))
      : counted(length).multiply(ratio);
  return along(indices.astype(mx.uint32), axis, dims);
}

const linearTaps: TapsOf = (extent, scale, alignCorners, axis, dims) => {
  const indices = mx.clip(scaledIndices(extent, scale, alignCorners, axis, dims), 0, extent - 1);
  const below = mx.floor(indices);
  const weight = mx.expandDims(indices.subtract(below), -1);
  return [
    [below.astype(mx.uint32), mx.subtract(1, weight)],
    [mx.ceil(indices).astype(mx.uint32), weight],
  ];
};

const CUBIC_NEAR = -0.75;

/** Keys' cubic of a distance up to 1. */
function inner(x: Tensor, a: number): Tensor {
  return mx
    .multiply(a + 2, x)
    .subtract(a + 3)
    .multiply(x)
    .multiply(x)
    .add(1);
}

/** Keys' cubic of a distance from 1 to 2. */
function outer(x: Tensor, a: number): Tensor {
  return x.subtract(5).multiply(x).add(8).multiply(x).subtract(4).multiply(a);
}

// Compiled as in Python, whose rounding it is to have.
const innerWeight = mx.compile((a: Tensor, b: Tensor) => inner(mx.abs(a.subtract(b)), CUBIC_NEAR), { shapeless: true });
const outerWeight = mx.compile((a: Tensor, b: Tensor) => outer(mx.abs(a.subtract(b)), CUBIC_NEAR), { shapeless: true });

const cubicTaps: TapsOf = (extent, scale, alignCorners, axis, dims) => {
  const indices = scaledIndices(extent, scale, alignCorners, axis, dims);
  const left = mx.floor(indices);
  const right = mx.floor(indices.add(1));
  const taps: [Tensor, Tensor][] = [
    [left, innerWeight(indices, left)],
    [right, innerWeight(indices, right)],
    [left.subtract(1), outerWeight(indices, left.subtract(1))],
    [right.add(1), outerWeight(indices, right.add(1))],
  ];
  return taps.map(([place, weight]) => [mx.clip(place, 0, extent - 1).astype(mx.uint32), weight.index('...', null)]);
};

function antialiased(kernel: (distance: Tensor) => Tensor, radius: number): TapsOf {
  return (extent, scale, alignCorners, axis, dims) => {
    const indices = scaledIndices(extent, scale, alignCorners, axis, dims);
    const width = scale < 1 ? 1 / scale : 1;
    const reach = Math.ceil(radius * width) + 1;
    const taps = Array.from({ length: 2 * reach - 1 }, (_, i): [Tensor, Tensor] => {
      const place = mx.floor(indices).add(i - reach + 1);
      const weight = kernel(mx.abs(indices.subtract(place)).divide(width));
      const isInside = mx.bitwiseAnd(place.greaterEqual(0), place.less(extent));
      return [place, mx.where(isInside, weight, 0)];
    });
    const sum = taps.reduce<Tensor | number>((all, [, weight]) => mx.add(all, weight), 0) as Tensor;
    const total = mx.where(sum.greater(0), sum, 1);
    return taps.map(([place, weight]) => [
      mx.clip(place, 0, extent - 1).astype(mx.uint32),
      mx.expandDims(weight.divide(total), -1),
    ]);
  };
}

const linearAntialiased = antialiased((x) => mx.maximum(mx.subtract(1, x), 0), 1);
const cubicAntialiased = antialiased(
  (x) => mx.where(x.lessEqual(1), inner(x, -0.5), mx.where(x.lessEqual(2), outer(x, -0.5), 0)),
  2,
);

function sum(terms: readonly Tensor[]): Tensor {
  return terms.reduce<Tensor | number>((all, term) => mx.add(all, term), 0) as Tensor;
}

/** Every combination of one tap of each axis. */
function combinations(taps: readonly Taps[]): Taps[] {
  return taps.reduce<Taps[]>((all, axis) => all.flatMap((chosen) => axis.map((tap) => [...chosen, tap])), [[]]);
}

/** Each axis more makes two or four times as many terms. */
const MOST_AXES = 4;

function interpolate(
  x: Tensor,
  scales: readonly number[],
  tapsOf: TapsOf,
  alignCorners: boolean,
  operation: string,
): Tensor {
  const dims = scales.length;
  if (dims > MOST_AXES) {
    throw new ArgumentError(`expected at most ${MOST_AXES} spatial dimensions, received ${dims}`, { operation });
  }
  const taps = scales.map((scale, i) => tapsOf(x.shape[i + 1] as number, scale, alignCorners, i, dims));
  const terms = combinations(taps).map((chosen) => {
    const sample = x.index(new mx.Slice(), ...chosen.map(([indices]) => indices));
    const weight = chosen.slice(1).reduce((product, [, own]) => product.multiply(own), (chosen[0] as Taps[number])[1]);
    return weight.multiply(sample);
  });
  return sum(terms);
}

function interpolateByAxis(x: Tensor, scales: readonly number[], tapsOf: TapsOf): Tensor {
  return scales.reduce((all, scale, i) => {
    const taps = tapsOf(x.shape[i + 1] as number, scale, false, i, scales.length);
    return sum(taps.map(([indices, weight]) => mx.take(all, indices.reshape(-1), i + 1).multiply(weight)));
  }, x);
}

function checkedScales(x: Tensor, scales: readonly number[], operation: string): void {
  if (x.ndim > 2 && x.ndim - 2 === scales.length && scales.every((scale) => scale > 0)) return;
  throw new ArgumentError(
    `expected a positive scale for each of the ${Math.max(0, x.ndim - 2)} spatial dimensions, received [${scales}]`,
    { operation },
  );
}

/** Each sample of a result that is so many times smaller is made from twice as many, or four times. */
const MOST_SHRINKING = 1024;

function checkShrinking(scales: readonly number[], operation: string): void {
  const least = Math.min(...scales);
  if (least * MOST_SHRINKING >= 1) return;
  throw new ArgumentError(`expected scales from 1/${MOST_SHRINKING} up with "antialias", received ${least}`, {
    operation,
  });
}

function checkTogether(alignCorners: boolean, antialias: boolean, operation: string): void {
  if (!alignCorners || !antialias) return;
  throw new ArgumentError('"antialias" and "alignCorners" cannot be true together', { operation });
}

const scales = list(number, 'a list of numbers');
const nearestArguments = signature('nn.layers.upsampleNearest', { x: array, scaleFactor: scales });

/** `[N, …, C]` with each sample repeated, or the nearest one where scales are no integers. */
export function upsampleNearest(x: Tensor, scaleFactor: readonly number[]): Tensor;
export function upsampleNearest(...args: unknown[]): Tensor {
  const { x, scaleFactor: scales } = nearestArguments(args);
  checkedScales(x, scales, 'nn.layers.upsampleNearest');
  const { shape } = x;
  const batch = shape[0] as number;
  const channels = shape.at(-1) as number;
  const spatial = shape.slice(1, -1);
  if (!scales.every(Number.isInteger)) {
    const indices = spatial.map((extent, i) => nearestIndices(extent, scales[i] as number, i, spatial.length));
    return x.index(new mx.Slice(), ...indices);
  }
  const apart = spatial.flatMap((extent) => [extent, 1]);
  const repeated = spatial.flatMap((extent, i) => [extent, scales[i] as number]);
  const larger = spatial.map((extent, i) => extent * (scales[i] as number));
  return mx
    .broadcastTo(x.reshape(batch, ...apart, channels), [batch, ...repeated, channels])
    .reshape(batch, ...larger, channels);
}

const interpolationKinds = {
  x: array,
  scaleFactor: scales,
  alignCorners: or(flag, false),
  antialias: or(flag, false),
};
const linearArguments = signature('nn.layers.upsampleLinear', interpolationKinds, 2);

/** `[N, …, C]`, each sample a mean of its two neighbours along each axis. */
export function upsampleLinear(
  x: Tensor,
  scaleFactor: readonly number[],
  alignCorners?: boolean | InterpolationOptions,
  antialias?: boolean | InterpolationOptions,
): Tensor;
export function upsampleLinear(...args: unknown[]): Tensor {
  const { x, scaleFactor: scales, alignCorners, antialias } = linearArguments(args);
  const operation = 'nn.layers.upsampleLinear';
  checkTogether(alignCorners, antialias, operation);
  checkedScales(x, scales, operation);
  if (!antialias) return interpolate(x, scales, linearTaps, alignCorners, operation);
  checkShrinking(scales, operation);
  return interpolateByAxis(x, scales, linearAntialiased);
}

const cubicArguments = signature('nn.layers.upsampleCubic', interpolationKinds, 2);

/** `[N, …, C]`, each sample on a cubic through its four neighbours along each axis. */
export function upsampleCubic(
  x: Tensor,
  scaleFactor: readonly number[],
  alignCorners?: boolean | InterpolationOptions,
  antialias?: boolean | InterpolationOptions,
): Tensor;
export function upsampleCubic(...args: unknown[]): Tensor {
  const { x, scaleFactor: scales, alignCorners, antialias } = cubicArguments(args);
  const operation = 'nn.layers.upsampleCubic';
  checkTogether(alignCorners, antialias, operation);
  checkedScales(x, scales, operation);
  if (!antialias) return interpolate(x, scales, cubicTaps, alignCorners, operation);
  checkShrinking(scales, operation);
  return interpolateByAxis(x, scales, cubicAntialiased);
}

const scale: Kind<number | readonly number[]> = {
  expected: 'a number or a list of numbers',
  read: (value) => number.read(value) ?? scales.read(value),
};

const upsampleArguments = signature('nn.Upsample', {
  scaleFactor: scale,
  mode: or(choice('nearest', 'linear', 'cubic'), 'nearest' as const),
  alignCorners: or(flag, false),
  antialias: or(flag, false),
});

type Mode = 'nearest' | 'linear' | 'cubic';

interface UpsampleOptions extends InterpolationOptions {
  /** Default: `nearest`. */
  readonly mode?: Mode;
}

/**
 * Makes the spatial axes of `[N, …, C]` longer, or shorter, by a factor.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Upsample.html
 */
export class Upsample extends Module {
  readonly #scale: number | readonly number[];
  readonly mode: Mode;
  readonly alignCorners: boolean;
  readonly antialias: boolean;

  constructor(
    scaleFactor: number | readonly number[],
    mode?: Mode | UpsampleOptions,
    alignCorners?: boolean | UpsampleOptions,
    antialias?: boolean,
  );
  constructor(options: { scaleFactor: number | readonly number[] } & UpsampleOptions);
  constructor(...args: unknown[]) {
    super();
    const { scaleFactor, mode, alignCorners, antialias } = upsampleArguments(args);
    const operation = 'nn.Upsample';
    checkTogether(alignCorners, antialias, operation);
    if (antialias && mode === 'nearest') {
      throw new ArgumentError('"antialias" needs the mode "linear" or "cubic"', { operation });
    }
    this.#scale = typeof scaleFactor === 'number' ? scaleFactor : [...scaleFactor];
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.antialias = antialias;
  }

  /** One for all spatial axes, or one for each. */
  get scaleFactor(): number | readonly number[] {
    return this.#scale;
  }

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.Upsample');
    const dims = Math.max(0, x.ndim - 2);
    const given = this.#scale;
    const scales = typeof given === 'number' ? Array<number>(dims).fill(given) : given;
    if (dims === 0) checkedScales(x, [1], 'nn.Upsample');
    checkedScales(x, scales, 'nn.Upsample');
    if (this.mode === 'nearest') return upsampleNearest(x, scales);
    const { alignCorners, antialias } = this;
    const upsample = this.mode === 'linear' ? upsampleLinear : upsampleCubic;
    return upsample(x, scales, { alignCorners, antialias });
  }

  protected override extraRepr(): string {
    const given = this.#scale;
    const factor = typeof given === 'number' ? floatText(given) : `(${given.map(floatText).join(', ')})`;
    const end = this.antialias ? ', antialias=True' : '';
    return `scale_factor=${factor}, mode='${this.mode}', align_corners=${flagText(this.alignCorners)}${end}`;
  }
}
