import type { Tensor } from '../../../router/tensors/tensor.ts';
import { array, integer, number, or, signature } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import { type AxisLossOptions, checkShapes, type LossOptions, type Reduction, reduce, reduction } from './reduction.ts';

// Losses of how far things are apart.

const l1LossArguments = signature(
  'nn.losses.l1Loss',
  { predictions: array, targets: array, reduction: or(reduction, 'mean') },
  2,
);

/** `|predictions - targets|`; the mean by default. */
export function l1Loss(predictions: Tensor, targets: Tensor, reduction?: Reduction | LossOptions): Tensor;
export function l1Loss(...args: unknown[]): Tensor {
  const operation = 'nn.losses.l1Loss';
  const { predictions, targets, reduction } = l1LossArguments(args);
  checkShapes(predictions, targets, 'predictions and targets', operation);
  return reduce(mx.abs(predictions.subtract(targets)), reduction);
}

const mseLossArguments = signature(
  'nn.losses.mseLoss',
  { predictions: array, targets: array, reduction: or(reduction, 'mean') },
  2,
);

/** `(predictions - targets)²`; the mean by default. */
export function mseLoss(predictions: Tensor, targets: Tensor, reduction?: Reduction | LossOptions): Tensor;
export function mseLoss(...args: unknown[]): Tensor {
  const operation = 'nn.losses.mseLoss';
  const { predictions, targets, reduction } = mseLossArguments(args);
  checkShapes(predictions, targets, 'predictions and targets', operation);
  return reduce(mx.square(predictions.subtract(targets)), reduction);
}

export interface SmoothL1Options extends LossOptions {
  /** Where the square becomes a line. Default: 1. */
  readonly beta?: number;
}

const smoothL1LossArguments = signature(
  'nn.losses.smoothL1Loss',
  { predictions: array, targets: array, beta: or(number, 1), reduction: or(reduction, 'mean') },
  2,
);

/** A square near 0 and a line further out; the mean by default. */
export function smoothL1Loss(
  predictions: Tensor,
  targets: Tensor,
  beta?: number | SmoothL1Options,
  reduction?: Reduction | SmoothL1Options,
): Tensor;
export function smoothL1Loss(...args: unknown[]): Tensor {
  const operation = 'nn.losses.smoothL1Loss';
  const { predictions, targets, beta, reduction } = smoothL1LossArguments(args);
  checkShapes(predictions, targets, 'predictions and targets', operation);
  const distance = mx.abs(predictions.subtract(targets));
  const near = mx.multiply(0.5, mx.square(distance)).divide(beta);
  const loss = mx.where(distance.less(beta), near, mx.abs(distance).subtract(0.5 * beta));
  return reduce(loss, reduction);
}

export interface TripletOptions extends AxisLossOptions {
  /** The power of the norm. Default: 2. */
  readonly p?: number;
  /** How much nearer the positive has to be. Default: 1. */
  readonly margin?: number;
  /** Default: 1e-6. */
  readonly eps?: number;
}

const tripletLossArguments = signature(
  'nn.losses.tripletLoss',
  {
    anchors: array,
    positives: array,
    negatives: array,
    axis: or(integer, -1),
    p: or(number, 2),
    margin: or(number, 1),
    eps: or(number, 1e-6),
    reduction: or(reduction, 'none'),
  },
  3,
);

/** By how much an anchor is not nearer to its positive than to its negative by the margin. */
export function tripletLoss(
  anchors: Tensor,
  positives: Tensor,
  negatives: Tensor,
  axis?: number | TripletOptions,
  p?: number | TripletOptions,
  margin?: number | TripletOptions,
  eps?: number | TripletOptions,
  reduction?: Reduction | TripletOptions,
): Tensor;
export function tripletLoss(...args: unknown[]): Tensor {
  const { anchors, positives, negatives, axis, p, margin, eps, reduction } = tripletLossArguments(args);
  const distance = (to: Tensor) => {
    const powers = mx.power(mx.abs(anchors.subtract(to)), p);
    return mx.power(mx.sum(powers, axis).add(eps), 1 / p);
  };
  const loss = mx.maximum(distance(positives).subtract(distance(negatives)).add(margin), 0);
  return reduce(loss, reduction);
}

const hingeLossArguments = signature(
  'nn.losses.hingeLoss',
  { inputs: array, targets: array, reduction: or(reduction, 'none') },
  2,
);

/** `max(1 - inputs · targets, 0)`, the targets being -1 or 1. */
export function hingeLoss(inputs: Tensor, targets: Tensor, reduction?: Reduction | LossOptions): Tensor;
export function hingeLoss(...args: unknown[]): Tensor {
  const { inputs, targets, reduction } = hingeLossArguments(args);
  const loss = mx.maximum(mx.subtract(1, inputs.multiply(targets)), 0);
  return reduce(loss, reduction);
}

export interface HuberOptions extends LossOptions {
  /** Where the square becomes a line. Default: 1. */
  readonly delta?: number;
}

const huberLossArguments = signature(
  'nn.losses.huberLoss',
  { inputs: array, targets: array, delta: or(number, 1), reduction: or(reduction, 'none') },
  2,
);

/** A square near 0 and a line further out. */
export function huberLoss(
  inputs: Tensor,
  targets: Tensor,
  delta?: number | HuberOptions,
  reduction?: Reduction | HuberOptions,
): Tensor;
export function huberLoss(...args: unknown[]): Tensor {
  const { inputs, targets, delta, reduction } = huberLossArguments(args);
  const distance = mx.abs(inputs.subtract(targets));
  const near = mx.minimum(distance, delta);
  const far = distance.subtract(near);
  const loss = mx.multiply(0.5, mx.power(near, 2)).add(mx.multiply(delta, far));
  return reduce(loss, reduction);
}

const logCoshLossArguments = signature(
  'nn.losses.logCoshLoss',
  { inputs: array, targets: array, reduction: or(reduction, 'none') },
  2,
);

/** `log(cosh(inputs - targets))` */
export function logCoshLoss(inputs: Tensor, targets: Tensor, reduction?: Reduction | LossOptions): Tensor;
export function logCoshLoss(...args: unknown[]): Tensor {
  const { inputs, targets, reduction } = logCoshLossArguments(args);
  const errors = inputs.subtract(targets);
  const loss = mx.logaddexp(errors, mx.negative(errors)).subtract(Math.log(2));
  return reduce(loss, reduction);
}

export interface CosineSimilarityOptions extends LossOptions {
  /** Default: 1. */
  readonly axis?: number;
  /** Default: 1e-8. */
  readonly eps?: number;
}

const cosineSimilarityLossArguments = signature(
  'nn.losses.cosineSimilarityLoss',
  { x1: array, x2: array, axis: or(integer, 1), eps: or(number, 1e-8), reduction: or(reduction, 'none') },
  2,
);

/** The cosine of the angle between vectors. */
export function cosineSimilarityLoss(
  x1: Tensor,
  x2: Tensor,
  axis?: number | CosineSimilarityOptions,
  eps?: number | CosineSimilarityOptions,
  reduction?: Reduction | CosineSimilarityOptions,
): Tensor;
export function cosineSimilarityLoss(...args: unknown[]): Tensor {
  const { x1, x2, axis, eps, reduction } = cosineSimilarityLossArguments(args);
  const norms = mx.linalg.norm(x1, { axis }).multiply(mx.linalg.norm(x2, { axis }));
  const loss = mx.sum(x1.multiply(x2), axis).divide(mx.maximum(norms, eps));
  return reduce(loss, reduction);
}

export interface MarginRankingOptions extends LossOptions {
  /** Default: 0. */
  readonly margin?: number;
}

const marginRankingLossArguments = signature(
  'nn.losses.marginRankingLoss',
  { inputs1: array, inputs2: array, targets: array, margin: or(number, 0), reduction: or(reduction, 'none') },
  3,
);

/** By how much the first is not ranked higher (target 1) or lower (target -1) than the second by the margin. */
export function marginRankingLoss(
  inputs1: Tensor,
  inputs2: Tensor,
  targets: Tensor,
  margin?: number | MarginRankingOptions,
  reduction?: Reduction | MarginRankingOptions,
): Tensor;
export function marginRankingLoss(...args: unknown[]): Tensor {
  const operation = 'nn.losses.marginRankingLoss';
  const { inputs1, inputs2, targets, margin, reduction } = marginRankingLossArguments(args);
  checkShapes(inputs1, inputs2, 'both inputs', operation);
  checkShapes(inputs1, targets, 'inputs and targets', operation);
  const loss = mx.maximum(0, mx.negative(targets).multiply(inputs1.subtract(inputs2)).add(margin));
  return reduce(loss, reduction);
}
