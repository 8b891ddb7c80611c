import { core as mx } from '../../mlx/index.ts';
import { CLASSES } from './dataset.ts';

/** Weights (inputs, hidden) and (hidden, classes) with their biases; gradients have the same form. */
export interface Parameters {
  readonly w1: mx.Array;
  readonly b1: mx.Array;
  readonly w2: mx.Array;
  readonly b2: mx.Array;
}

export const PARAMETER_NAMES = ['w1', 'b1', 'w2', 'b2'] as const;

/** A new set, each made of those of the same name in the given sets. */
export function combine(make: (name: keyof Parameters) => mx.Array): Parameters {
  return { w1: make('w1'), b1: make('b1'), w2: make('w2'), b2: make('b2') };
}

/** He et al. (2015): normal weights of variance 2 / inputs keep a ReLU layer's output in scale. */
export function initialize(inputs: number, hidden: number): Parameters {
  const weights = (rows: number, columns: number) => mx.random.normal([rows, columns], { scale: Math.sqrt(2 / rows) });
  return {
    w1: weights(inputs, hidden),
    b1: mx.zeros([hidden]),
    w2: weights(hidden, CLASSES),
    b2: mx.zeros([CLASSES]),
  };
}

/** Scores (n, classes) of inputs (n, inputs): ReLU(x W₁ + b₁) W₂ + b₂. */
export function forward(parameters: Parameters, inputs: mx.Array): mx.Array {
  return scores(parameters, activate(parameters, inputs));
}

/** The mean softmax cross-entropy, 0-d. */
export function lossOf(parameters: Parameters, inputs: mx.Array, labels: mx.Array): mx.Array {
  const logits = forward(parameters, inputs);
  return crossEntropy(logits, oneHot(labels, logits.dtype));
}

/** The same loss, and its derivative by every parameter, worked out by hand. */
export function lossAndGradients(parameters: Parameters, inputs: mx.Array, labels: mx.Array) {
  const active = activate(parameters, inputs);
  const logits = scores(parameters, active);
  const count = inputs.shape[0] ?? 0;
  const target = oneHot(labels, logits.dtype);

  const loss = crossEntropy(logits, target);
  const dLogits = mx.softmax(logits, -1).subtract(target).divide(count);
  const dActive = dLogits.matmul(parameters.w2.T);
  const dHidden = mx.where(active.greater(0), dActive, 0);
  const gradients: Parameters = {
    w1: inputs.T.matmul(dHidden),
    b1: dHidden.sum(0),
    w2: active.T.matmul(dLogits),
    b2: dLogits.sum(0),
  };
  return { loss, gradients };
}

/** The class of the highest score, (n) uint32. */
export function predict(parameters: Parameters, inputs: mx.Array): mx.Array {
  return mx.argmax(forward(parameters, inputs), -1);
}

function activate({ w1, b1 }: Parameters, inputs: mx.Array): mx.Array {
  return inputs.matmul(w1).add(b1).maximum(0);
}

function scores({ w2, b2 }: Parameters, active: mx.Array): mx.Array {
  return active.matmul(w2).add(b2);
}

function oneHot(labels: mx.Array, dtype: mx.Dtype): mx.Array {
  return mx.expandDims(labels, 1).equal(mx.arange(CLASSES)).astype(dtype);
}

/** The mean of log Σ exp(logits) - logits[label]. */
function crossEntropy(logits: mx.Array, target: mx.Array): mx.Array {
  return mx.logsumexp(logits, -1).subtract(logits.multiply(target).sum(-1)).mean();
}
