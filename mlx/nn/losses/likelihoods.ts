import { ArgumentError } from '../../../foundation/errors/errors.ts';
import type { Tensor } from '../../../router/tensors/tensor.ts';
import { array, flag, integer, number, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { type AxisLossOptions, checkShapes, type LossOptions, type Reduction, reduce, reduction } from './reduction.ts';

// Losses of probabilities.

function weighted(loss: Tensor, weights: Tensor | null, operation: string): Tensor {
  if (weights === null) return loss;
  checkShapes(weights, loss, 'weights and losses', operation);
  return loss.multiply(weights);
}

function withoutAxis(shape: readonly number[], axis: number): number[] {
  return shape.filter((_, i) => i !== (axis < 0 ? axis + shape.length : axis));
}

export interface CrossEntropyOptions extends LossOptions {
  /** One for each example. */
  readonly weights?: Tensor | null;
  /** The axis of the classes. Default: the last one. */
  readonly axis?: number;
  /** How much of the probability is spread evenly, from 0 up to but not 1. Default: 0. */
  readonly labelSmoothing?: number;
}

const crossEntropyArguments = signature(
  'nn.losses.crossEntropy',
  {
    logits: array,
    targets: array,
    weights: or(array, null),
    axis: or(integer, -1),
    labelSmoothing: or(number, 0),
    reduction: or(reduction, 'none'),
  },
  2,
);

/**
 * The cross entropy of unnormalized logits and targets, which are classes, or probabilities in the shape of the logits.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary_functions/mlx.nn.losses.cross_entropy.html
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  weights?: Tensor | null | CrossEntropyOptions,
  axis?: number | CrossEntropyOptions,
  labelSmoothing?: number | CrossEntropyOptions,
  reduction?: Reduction | CrossEntropyOptions,
): Tensor;
export function crossEntropy(...args: unknown[]): Tensor {
  const operation = 'nn.losses.crossEntropy';
  const { logits, targets, weights, axis, labelSmoothing, reduction } = crossEntropyArguments(args);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ArgumentError(
      `expected a number from 0 up to but not 1 for "labelSmoothing", received ${labelSmoothing}`,
      {
        operation,
      },
    );
  }
  const areProbabilities = targets.ndim === logits.ndim;
  const expected = areProbabilities ? logits.shape : withoutAxis(logits.shape, axis);
  if (String(targets.shape) !== String(expected)) {
    throw new ArgumentError(
      `expected targets of the shape [${expected}] for logits of [${logits.shape}], received [${targets.shape}]`,
      { operation },
    );
  }
  const shifted = logits.subtract(mx.stopGradient(mx.max(logits, axis, true)));
  const score = areProbabilities
    ? mx.sum(shifted.multiply(targets), axis)
    : mx.takeAlongAxis(shifted, mx.expandDims(targets, axis), axis).squeeze(axis);
  const normalizer = mx.logsumexp(shifted, axis);
  let loss: Tensor;
  if (labelSmoothing > 0) {
    const smoothed = mx.negative(mx.mean(shifted, axis)).multiply(labelSmoothing);
    loss = normalizer.subtract(mx.multiply(1 - labelSmoothing, score)).add(smoothed);
  } else {
    loss = normalizer.subtract(score);
  }
  return reduce(weighted(loss, weights, operation), reduction);
}

export interface BinaryCrossEntropyOptions extends LossOptions {
  readonly weights?: Tensor | null;
  /** Whether the inputs are logits, and not probabilities. Default: true. */
  readonly withLogits?: boolean;
}

const binaryCrossEntropyArguments = signature(
  'nn.losses.binaryCrossEntropy',
  {
    inputs: array,
    targets: array,
    weights: or(array, null),
    withLogits: or(flag, true),
    reduction: or(reduction, 'mean'),
  },
  2,
);

/** The cross entropy of yes or no. By default the mean of logits. */
export function binaryCrossEntropy(
  inputs: Tensor,
  targets: Tensor,
  weights?: Tensor | null | BinaryCrossEntropyOptions,
  withLogits?: boolean | BinaryCrossEntropyOptions,
  reduction?: Reduction | BinaryCrossEntropyOptions,
): Tensor;
export function binaryCrossEntropy(...args: unknown[]): Tensor {
  const operation = 'nn.losses.binaryCrossEntropy';
  const { inputs, targets, weights, withLogits, reduction } = binaryCrossEntropyArguments(args);
  checkShapes(inputs, targets, 'inputs and targets', operation);
  let loss: Tensor;
  if (withLogits) {
    loss = mx.logaddexp(0, inputs).subtract(inputs.multiply(targets));
  } else {
    const yes = mx.clip(mx.log(inputs), -100, null);
    const no = mx.clip(mx.log(mx.subtract(1, inputs)), -100, null);
    loss = mx.negative(targets.multiply(yes).add(mx.subtract(1, targets).multiply(no)));
  }
  return reduce(weighted(loss, weights, operation), reduction);
}

const nllLossArguments = signature(
  'nn.losses.nllLoss',
  { inputs: array, targets: array, axis: or(integer, -1), reduction: or(reduction, 'none') },
  2,
);

/** The negative of each logarithmic probability that a target names. */
export function nllLoss(
  inputs: Tensor,
  targets: Tensor,
  axis?: number | AxisLossOptions,
  reduction?: Reduction | AxisLossOptions,
): Tensor;
export function nllLoss(...args: unknown[]): Tensor {
  const { inputs, targets, axis, reduction } = nllLossArguments(args);
  const loss = mx.negative(mx.takeAlongAxis(inputs, mx.expandDims(targets, axis), axis).squeeze(axis));
  return reduce(loss, reduction);
}

export interface GaussianNllOptions extends LossOptions {
  /** Whether the constant term is added. Default: false. */
  readonly full?: boolean;
  /** The least variance. Default: 1e-6. */
  readonly eps?: number;
}

const gaussianNllLossArguments = signature(
  'nn.losses.gaussianNllLoss',
  {
    inputs: array,
    targets: array,
    vars: array,
    full: or(flag, false),
    eps: or(number, 1e-6),
    reduction: or(reduction, 'mean'),
  },
  3,
);

/** The negative logarithm of normal distributions with these means and variances at the targets. */
export function gaussianNllLoss(
  inputs: Tensor,
  targets: Tensor,
  vars: Tensor,
  full?: boolean | GaussianNllOptions,
  eps?: number | GaussianNllOptions,
  reduction?: Reduction | GaussianNllOptions,
): Tensor;
export function gaussianNllLoss(...args: unknown[]): Tensor {
  const operation = 'nn.losses.gaussianNllLoss';
  const { inputs, targets, vars, full, eps, reduction } = gaussianNllLossArguments(args);
  checkShapes(inputs, targets, 'inputs and targets', operation);
  checkShapes(inputs, vars, 'inputs and variances', operation);
  const bounded = mx.maximum(vars, eps);
  const distance = mx.square(targets.subtract(inputs)).divide(bounded);
  const loss = mx.multiply(0.5, mx.log(bounded).add(distance));
  return reduce(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction);
}

const klDivLossArguments = signature(
  'nn.losses.klDivLoss',
  { inputs: array, targets: array, axis: or(integer, -1), reduction: or(reduction, 'none') },
  2,
);

/** The Kullback-Leibler divergence of two distributions, given by their logarithms. */
export function klDivLoss(
  inputs: Tensor,
  targets: Tensor,
  axis?: number | AxisLossOptions,
  reduction?: Reduction | AxisLossOptions,
): Tensor;
export function klDivLoss(...args: unknown[]): Tensor {
  const { inputs, targets, axis, reduction } = klDivLossArguments(args);
  return reduce(mx.sum(mx.exp(targets).multiply(targets.subtract(inputs)), axis), reduction);
}
