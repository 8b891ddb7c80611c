import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';

/** `none`: one loss for each example; `mean`, `sum`: a scalar of all. */
export type Reduction = 'none' | 'mean' | 'sum';

export interface LossOptions {
  readonly reduction?: Reduction;
}

function reduce(loss: Tensor, reduction: unknown, operation: string): Tensor {
  if (reduction === 'none') return loss;
  if (reduction === 'mean') return mx.mean(loss);
  if (reduction === 'sum') return mx.sum(loss);
  throw new ArgumentError(`expected "none", "mean" or "sum" for "reduction", received ${describeValue(reduction)}`, {
    operation,
  });
}

/** Of two names: those of the arguments whose shapes have to be equal. */
function checkShapes(first: Tensor, second: Tensor, names: string, operation: string): void {
  if (String(first.shape) === String(second.shape)) return;
  throw new ArgumentError(`expected the same shape of ${names}, received [${first.shape}] and [${second.shape}]`, {
    operation,
  });
}

function weighted(loss: Tensor, weights: Tensor | null | undefined, operation: string): Tensor {
  if (weights === undefined || weights === null) return loss;
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

/**
 * The cross entropy of unnormalized logits and targets, which are classes, or probabilities in the shape of the logits.
 * @see https://ml-explore.github.io/mlx/build/html/python/nn/_autosummary_functions/mlx.nn.losses.cross_entropy.html
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const operation = 'nn.losses.crossEntropy';
  const names = ['weights', 'axis', 'labelSmoothing', 'reduction'] as const;
  const {
    weights,
    axis = -1,
    labelSmoothing = 0,
    reduction = 'none',
  } = checkedOptions<CrossEntropyOptions>(options, names, operation);
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
  return reduce(weighted(loss, weights, operation), reduction, operation);
}

export interface BinaryCrossEntropyOptions extends LossOptions {
  readonly weights?: Tensor | null;
  /** Whether the inputs are logits, and not probabilities. Default: true. */
  readonly withLogits?: boolean;
}

/** The cross entropy of yes or no. By default the mean of logits. */
export function binaryCrossEntropy(inputs: Tensor, targets: Tensor, options: BinaryCrossEntropyOptions = {}): Tensor {
  const operation = 'nn.losses.binaryCrossEntropy';
  const {
    weights,
    withLogits = true,
    reduction = 'mean',
  } = checkedOptions<BinaryCrossEntropyOptions>(options, ['weights', 'withLogits', 'reduction'], operation);
  checkShapes(inputs, targets, 'inputs and targets', operation);
  let loss: Tensor;
  if (withLogits) {
    loss = mx.logaddexp(0, inputs).subtract(inputs.multiply(targets));
  } else {
    const yes = mx.clip(mx.log(inputs), -100, null);
    const no = mx.clip(mx.log(mx.subtract(1, inputs)), -100, null);
    loss = mx.negative(targets.multiply(yes).add(mx.subtract(1, targets).multiply(no)));
  }
  return reduce(weighted(loss, weights, operation), reduction, operation);
}

function reductionOf(options: LossOptions, fallback: Reduction, operation: string): Reduction {
  return checkedOptions<LossOptions>(options, ['reduction'], operation).reduction ?? fallback;
}

/** `|predictions - targets|`; the mean by default. */
export function l1Loss(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const operation = 'nn.losses.l1Loss';
  checkShapes(predictions, targets, 'predictions and targets', operation);
  return reduce(mx.abs(predictions.subtract(targets)), reductionOf(options, 'mean', operation), operation);
}

/** `(predictions - targets)²`; the mean by default. */
export function mseLoss(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const operation = 'nn.losses.mseLoss';
  checkShapes(predictions, targets, 'predictions and targets', operation);
  return reduce(mx.square(predictions.subtract(targets)), reductionOf(options, 'mean', operation), operation);
}

export interface AxisLossOptions extends LossOptions {
  /** Default: the last one. */
  readonly axis?: number;
}

function axisOf(options: AxisLossOptions, operation: string): { axis: number; reduction: Reduction } {
  const { axis = -1, reduction = 'none' } = checkedOptions<AxisLossOptions>(options, ['axis', 'reduction'], operation);
  return { axis, reduction };
}

/** The negative of each logarithmic probability that a target names. */
export function nllLoss(inputs: Tensor, targets: Tensor, options: AxisLossOptions = {}): Tensor {
  const operation = 'nn.losses.nllLoss';
  const { axis, reduction } = axisOf(options, operation);
  const loss = mx.negative(mx.takeAlongAxis(inputs, mx.expandDims(targets, axis), axis).squeeze(axis));
  return reduce(loss, reduction, operation);
}

export interface GaussianNllOptions extends LossOptions {
  /** Whether the constant term is added. Default: false. */
  readonly full?: boolean;
  /** The least variance. Default: 1e-6. */
  readonly eps?: number;
}

/** The negative logarithm of normal distributions with these means and variances at the targets. */
export function gaussianNllLoss(
  inputs: Tensor,
  targets: Tensor,
  vars: Tensor,
  options: GaussianNllOptions = {},
): Tensor {
  const operation = 'nn.losses.gaussianNllLoss';
  const {
    full = false,
    eps = 1e-6,
    reduction = 'mean',
  } = checkedOptions<GaussianNllOptions>(options, ['full', 'eps', 'reduction'], operation);
  checkShapes(inputs, targets, 'inputs and targets', operation);
  checkShapes(inputs, vars, 'inputs and variances', operation);
  const bounded = mx.maximum(vars, eps);
  const distance = mx.square(targets.subtract(inputs)).divide(bounded);
  const loss = mx.multiply(0.5, mx.log(bounded).add(distance));
  return reduce(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction, operation);
}

/** The Kullback-Leibler divergence of two distributions, given by their logarithms. */
export function klDivLoss(inputs: Tensor, targets: Tensor, options: AxisLossOptions = {}): Tensor {
  const operation = 'nn.losses.klDivLoss';
  const { axis, reduction } = axisOf(options, operation);
  return reduce(mx.sum(mx.exp(targets).multiply(targets.subtract(inputs)), axis), reduction, operation);
}

export interface SmoothL1Options extends LossOptions {
  /** Where the square becomes a line. Default: 1. */
  readonly beta?: number;
}

/** A square near 0 and a line further out; the mean by default. */
export function smoothL1Loss(predictions: Tensor, targets: Tensor, options: SmoothL1Options = {}): Tensor {
  const operation = 'nn.losses.smoothL1Loss';
  const { beta = 1, reduction = 'mean' } = checkedOptions<SmoothL1Options>(options, ['beta', 'reduction'], operation);
  checkShapes(predictions, targets, 'predictions and targets', operation);
  const distance = mx.abs(predictions.subtract(targets));
  const near = mx.multiply(0.5, mx.square(distance)).divide(beta);
  const loss = mx.where(distance.less(beta), near, mx.abs(distance).subtract(0.5 * beta));
  return reduce(loss, reduction, operation);
}

export interface TripletOptions extends AxisLossOptions {
  /** The power of the norm. Default: 2. */
  readonly p?: number;
  /** How much nearer the positive has to be. Default: 1. */
  readonly margin?: number;
  /** Default: 1e-6. */
  readonly eps?: number;
}

/** By how much an anchor is not nearer to its positive than to its negative by the margin. */
export function tripletLoss(
  anchors: Tensor,
  positives: Tensor,
  negatives: Tensor,
  options: TripletOptions = {},
): Tensor {
  const operation = 'nn.losses.tripletLoss';
  const {
    axis = -1,
    p = 2,
    margin = 1,
    eps = 1e-6,
    reduction = 'none',
  } = checkedOptions<TripletOptions>(options, ['axis', 'p', 'margin', 'eps', 'reduction'], operation);
  const distance = (to: Tensor) => {
    const powers = mx.power(mx.abs(anchors.subtract(to)), p);
    return mx.power(mx.sum(powers, axis).add(eps), 1 / p);
  };
  const loss = mx.maximum(distance(positives).subtract(distance(negatives)).add(margin), 0);
  return reduce(loss, reduction, operation);
}

/** `max(1 - inputs · targets, 0)`, the targets being -1 or 1. */
export function hingeLoss(inputs: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const operation = 'nn.losses.hingeLoss';
  const loss = mx.maximum(mx.subtract(1, inputs.multiply(targets)), 0);
  return reduce(loss, reductionOf(options, 'none', operation), operation);
}

export interface HuberOptions extends LossOptions {
  /** Where the square becomes a line. Default: 1. */
  readonly delta?: number;
}

/** A square near 0 and a line further out. */
export function huberLoss(inputs: Tensor, targets: Tensor, options: HuberOptions = {}): Tensor {
  const operation = 'nn.losses.huberLoss';
  const { delta = 1, reduction = 'none' } = checkedOptions<HuberOptions>(options, ['delta', 'reduction'], operation);
  const distance = mx.abs(inputs.subtract(targets));
  const near = mx.minimum(distance, delta);
  const far = distance.subtract(near);
  const loss = mx.multiply(0.5, mx.power(near, 2)).add(mx.multiply(delta, far));
  return reduce(loss, reduction, operation);
}

/** `log(cosh(inputs - targets))` */
export function logCoshLoss(inputs: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const operation = 'nn.losses.logCoshLoss';
  const errors = inputs.subtract(targets);
  const loss = mx.logaddexp(errors, mx.negative(errors)).subtract(Math.log(2));
  return reduce(loss, reductionOf(options, 'none', operation), operation);
}

export interface CosineSimilarityOptions extends LossOptions {
  /** Default: 1. */
  readonly axis?: number;
  /** Default: 1e-8. */
  readonly eps?: number;
}

/** The cosine of the angle between vectors. */
export function cosineSimilarityLoss(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  const operation = 'nn.losses.cosineSimilarityLoss';
  const {
    axis = 1,
    eps = 1e-8,
    reduction = 'none',
  } = checkedOptions<CosineSimilarityOptions>(options, ['axis', 'eps', 'reduction'], operation);
  const norms = mx.linalg.norm(x1, { axis }).multiply(mx.linalg.norm(x2, { axis }));
  const loss = mx.sum(x1.multiply(x2), axis).divide(mx.maximum(norms, eps));
  return reduce(loss, reduction, operation);
}

export interface MarginRankingOptions extends LossOptions {
  /** Default: 0. */
  readonly margin?: number;
}

/** By how much the first is not ranked higher (target 1) or lower (target -1) than the second by the margin. */
export function marginRankingLoss(
  inputs1: Tensor,
  inputs2: Tensor,
  targets: Tensor,
  options: MarginRankingOptions = {},
): Tensor {
  const operation = 'nn.losses.marginRankingLoss';
  const { margin = 0, reduction = 'none' } = checkedOptions<MarginRankingOptions>(
    options,
    ['margin', 'reduction'],
    operation,
  );
  checkShapes(inputs1, inputs2, 'both inputs', operation);
  checkShapes(inputs1, targets, 'inputs and targets', operation);
  const loss = mx.maximum(0, mx.negative(targets).multiply(inputs1.subtract(inputs2)).add(margin));
  return reduce(loss, reduction, operation);
}
