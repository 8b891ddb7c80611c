import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Dtype } from '../../../foundation/values/dtypes.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray, checkDims } from '../../arguments/checks.ts';
import { count, dtype, flag, integer, number, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { flagText } from '../repr.ts';

const ropeArguments = signature('nn.RoPE', {
  dims: size,
  traditional: or(flag, false),
  base: or(number, 10000),
  scale: or(number, 1),
});

interface RoPEOptions {
  /** Whether neighbouring elements are rotated, rather than the two halves. Default: false. */
  traditional?: boolean;
  /** Default: 10000. */
  base?: number;
  /** What positions are multiplied by. Default: 1. */
  scale?: number;
}

/**
 * Rotary position encoding of the first `dims` elements of the last axis.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.RoPE.html
 */
export class RoPE extends Module {
  readonly dims: number;
  readonly traditional: boolean;
  readonly base: number;
  readonly scale: number;

  constructor(
    dims: number,
    traditional?: boolean | RoPEOptions,
    base?: number | RoPEOptions,
    scale?: number | RoPEOptions,
  );
  constructor(options: { dims: number } & RoPEOptions);
  constructor(...args: unknown[]) {
    super();
    const { dims, traditional, base, scale } = ropeArguments(args);
    this.dims = dims;
    this.traditional = traditional;
    this.base = base;
    this.scale = scale;
  }

  /** `[…, L, D]`; `offset`: the position of the first of the `L`. */
  override forward(x: Tensor, offset: number | Tensor = 0): Tensor {
    const { dims, traditional, base, scale } = this;
    return mx.fast.rope(x, dims, { traditional, base, scale, offset });
  }

  protected override extraRepr(): string {
    return `${this.dims}, traditional=${flagText(this.traditional)}`;
  }
}

const sinusoidalArguments = signature('nn.SinusoidalPositionalEncoding', {
  dims: size,
  minFreq: or(number, 0.0001),
  maxFreq: or(number, 1),
  scale: or(number, null),
  cosFirst: or(flag, false),
  fullTurns: or(flag, false),
});

interface SinusoidalOptions {
  minFreq?: number;
  maxFreq?: number;
  /** What the waves are multiplied by. Default: `√(2 / dims)`. */
  scale?: number | null;
  /** Whether cosines come before sines. Default: false. */
  cosFirst?: boolean;
  /** Whether frequencies count turns rather than radians. Default: false. */
  fullTurns?: boolean;
}

/**
 * Sines and cosines of positions at `dims / 2` frequencies.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.SinusoidalPositionalEncoding.html
 */
export class SinusoidalPositionalEncoding extends Module {
  _sigmas: Tensor;
  readonly scale: number;
  readonly cosFirst: boolean;

  constructor(dims: number, minFreq?: number | SinusoidalOptions, maxFreq?: number | SinusoidalOptions);
  constructor(options: { dims: number } & SinusoidalOptions);
  constructor(...args: unknown[]) {
    super();
    const { dims, minFreq, maxFreq, scale, cosFirst, fullTurns } = sinusoidalArguments(args);
    if (dims % 2 !== 0) {
      throw new ArgumentError(`expected an even number for "dims", received ${dims}`, {
        operation: 'nn.SinusoidalPositionalEncoding',
      });
    }
    const fractions = dims === 2 ? mx.array([1]) : mx.subtract(1, mx.arange(0, dims / 2).divide(dims / 2 - 1));
    const [low, high] = [Math.log(minFreq), Math.log(maxFreq)];
    const sigmas = mx.exp(fractions.multiply(high - low).add(low));
    this._sigmas = fullTurns ? sigmas.multiply(2 * Math.PI) : sigmas;
    this.scale = scale ?? (2 / dims) ** 0.5;
    this.cosFirst = cosFirst;
  }

  /** Positions of any shape `[…]` → `[…, dims]` */
  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', 'nn.SinusoidalPositionalEncoding');
    const angles = x.index('...', null).multiply(this._sigmas);
    const [cos, sin] = [mx.cos(angles), mx.sin(angles)];
    const waves = mx.concatenate(this.cosFirst ? [cos, sin] : [sin, cos], -1);
    return this.scale === 1 ? waves : waves.multiply(this.scale);
  }
}

/** The slopes of the heads, from steep to flat. */
function slopes(heads: number): number[] {
  const exponent = Math.log2(heads);
  if (Number.isInteger(exponent)) {
    const start = 2 ** -(2 ** -(exponent - 3));
    return Array.from({ length: heads }, (_, i) => start * start ** i);
  }
  const below = 2 ** Math.floor(exponent);
  const between = slopes(2 * below).filter((_, i) => i % 2 === 0);
  return [...slopes(below), ...between.slice(0, heads - below)];
}

const alibiArguments = signature('nn.ALiBi', {});
/** The slopes are numbers here before they are an array. */
const heads = count(2 ** 16);
const slopeArguments = signature('nn.ALiBi.createAlibiSlope', { numHeads: heads, dtype });
const matrixArguments = signature('nn.ALiBi.createAlibiMatrix', {
  queries: integer,
  keys: integer,
  numHeads: heads,
  offset: integer,
  dtype: or(dtype, mx.float32),
});

/**
 * Attention with linear biases: scores fall off with the distance of the positions.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.ALiBi.html
 */
export class ALiBi extends Module {
  constructor(...args: never[]) {
    super();
    alibiArguments(args);
  }

  /** `[heads, 1, 1]` */
  static createAlibiSlope(numHeads: number, dtype: Dtype): Tensor;
  static createAlibiSlope(...args: unknown[]): Tensor {
    const { numHeads, dtype } = slopeArguments(args);
    return mx.expandDims(mx.array(slopes(numHeads), dtype), [-1, -2]);
  }

  /** `[1, heads, queries - offset, keys]` */
  static createAlibiMatrix(
    queries: number,
    keys: number,
    numHeads: number,
    offset: number,
    dtype?: Dtype | { dtype?: Dtype },
  ): Tensor;
  static createAlibiMatrix(...args: unknown[]): Tensor {
    const { queries, keys, numHeads, offset, dtype } = matrixArguments(args);
    const rows = mx.arange(offset, queries).index('...', null);
    const columns = mx.arange(0, keys).index(null);
    const distances = mx.negative(mx.abs(mx.expandDims(rows.subtract(columns), [0, 1])));
    return distances.multiply(ALiBi.createAlibiSlope(numHeads, dtype)).astype(dtype);
  }

  /** Scores `[N, heads, …, queries, keys]`, with the biases and the mask, if there is one, added. */
  override forward(scores: Tensor, offset = 0, mask: Tensor | null = null): Tensor {
    checkArray(scores, 'scores', 'nn.ALiBi');
    checkDims(scores, 2, 'nn.ALiBi');
    const heads = scores.shape[1] as number;
    const [queries, keys] = scores.shape.slice(-2) as [number, number];
    const biases = ALiBi.createAlibiMatrix(queries + offset, keys, heads, offset, scores.dtype);
    return scores.add(mask === null ? biases : biases.add(mask));
  }
}
