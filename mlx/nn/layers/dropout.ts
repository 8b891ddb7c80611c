import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { checkArray } from '../../arguments/checks.ts';
import { number, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { Module } from '../module.ts';
import { floatText } from '../repr.ts';

const kinds = { p: or(number, 0.5) };
const dropoutArguments = signature('nn.Dropout', kinds);
const dropout2dArguments = signature('nn.Dropout2d', kinds);
const dropout3dArguments = signature('nn.Dropout3d', kinds);

/** Sets a share of something to 0 in training, and multiplies the rest so that its mean stays. */
abstract class Dropping extends Module {
  readonly #operation: string;
  readonly #kept: number;

  constructor(operation: string, { p }: { readonly p: number }) {
    super();
    if (!(p >= 0 && p < 1)) {
      throw new ArgumentError(`expected a probability from 0 up to but not 1 for "p", received ${p}`, { operation });
    }
    this.#operation = operation;
    this.#kept = 1 - p;
  }

  /** The shape of the mask, which broadcasts to the input's. */
  protected abstract maskShape(x: Tensor): number[];

  override forward(x: Tensor): Tensor {
    checkArray(x, 'x', this.#operation);
    const shape = this.maskShape(x);
    if (this.#kept === 1 || !this.training) return x;
    return mx.random
      .bernoulli(this.#kept, shape)
      .multiply(x)
      .multiply(1 / this.#kept);
  }

  protected override extraRepr(): string {
    return `p=${floatText(1 - this.#kept)}`;
  }
}

/** The shape with 1 for so many dimensions before the last one. */
function shared(x: Tensor, count: number, operation: string): number[] {
  const { shape } = x;
  const dims = shape.length;
  if (dims !== count + 1 && dims !== count + 2) {
    throw new ArgumentError(`expected an array of ${count + 1} or ${count + 2} dimensions, received one of ${dims}`, {
      operation,
    });
  }
  return shape.map((extent, i) => (i < dims - 1 && i >= dims - 1 - count ? 1 : extent));
}

/**
 * Sets each element to 0 with the probability `p` in training mode.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary/mlx.nn.Dropout.html
 */
export class Dropout extends Dropping {
  constructor(p?: number | { p?: number }) {
    super('nn.Dropout', dropoutArguments([p]));
  }

  protected override maskShape(x: Tensor): number[] {
    return [...x.shape];
  }
}

/** Sets whole channels of `[N?, H, W, C]` to 0 with the probability `p` in training mode. */
export class Dropout2d extends Dropping {
  constructor(p?: number | { p?: number }) {
    super('nn.Dropout2d', dropout2dArguments([p]));
  }

  protected override maskShape(x: Tensor): number[] {
    return shared(x, 2, 'nn.Dropout2d');
  }
}

/** Sets whole channels of `[N?, D, H, W, C]` to 0 with the probability `p` in training mode. */
export class Dropout3d extends Dropping {
  constructor(p?: number | { p?: number }) {
    super('nn.Dropout3d', dropout3dArguments([p]));
  }

  protected override maskShape(x: Tensor): number[] {
    return shared(x, 3, 'nn.Dropout3d');
  }
}
