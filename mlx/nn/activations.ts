import type { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';

// Functions of each element, compiled once for arrays of any shape, as Python's are: a compiled kernel rounds otherwise
// than its operations one by one, and both sides are to agree bit for bit.

const shapeless = { shapeless: true } as const;

function compiled<F extends (...args: never[]) => Tensor>(fun: F): F {
  return mx.compile(fun as never, shapeless) as unknown as F;
}

/** `1 / (1 + exp(-x))`. */
export const sigmoid = compiled((x: Tensor) => mx.sigmoid(x));

/** `max(x, 0)`. */
export const relu = compiled((x: Tensor) => mx.maximum(x, 0));

/** `max(x, 0)²`. */
export const relu2 = compiled((x: Tensor) => mx.square(mx.maximum(x, 0)));

/** `min(max(x, 0), 6)`. */
export const relu6 = compiled((x: Tensor) => mx.minimum(mx.maximum(x, 0), 6));

const compiledLeakyRelu = compiled((x: Tensor, slope: number) => mx.maximum(mx.multiply(slope, x), x));

/** `max(negativeSlope · x, x)`. */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return compiledLeakyRelu(x, negativeSlope);
}

const compiledLogSoftmax = compiled((x: Tensor, axis: number) => {
  const shifted = x.subtract(mx.stopGradient(mx.max(x, axis, true)));
  return shifted.subtract(mx.logsumexp(shifted, axis, true));
});

/** `x - log(sum(exp(x)))` along the axis. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return compiledLogSoftmax(x, axis);
}

const compiledElu = compiled((x: Tensor, alpha: number) =>
  mx.where(x.greater(0), x, mx.multiply(alpha, mx.subtract(mx.exp(x), 1))),
);

/** `x` where it is positive, `alpha · (exp(x) - 1)` elsewhere. */
export function elu(x: Tensor, alpha = 1): Tensor {
  return compiledElu(x, alpha);
}

const compiledSoftmax = compiled((x: Tensor, axis: number) => mx.softmax(x, axis));

/** `exp(x) / sum(exp(x))` along the axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  return compiledSoftmax(x, axis);
}

/** `log(1 + exp(x))`. */
export const softplus = compiled((x: Tensor) => mx.logaddexp(x, 0));

/** `x / (1 + |x|)`. */
export const softsign = compiled((x: Tensor) => mx.divide(x, mx.add(1, mx.abs(x))));

const compiledSoftshrink = compiled((x: Tensor, lambd: number) =>
  mx.where(mx.abs(x).greater(lambd), x.subtract(mx.sign(x).multiply(lambd)), 0),
);

/** `x` moved towards 0 by `lambd`, 0 where it would pass it. */
export function softshrink(x: Tensor, lambd = 0.5): Tensor {
  return compiledSoftshrink(x, lambd);
}

const compiledCelu = compiled((x: Tensor, alpha: number) =>
  mx.add(mx.maximum(x, 0), mx.multiply(alpha, mx.subtract(mx.exp(mx.divide(mx.minimum(x, 0), alpha)), 1))),
);

/** `max(x, 0) + alpha · (exp(min(x, 0) / alpha) - 1)`. */
export function celu(x: Tensor, alpha = 1): Tensor {
  return compiledCelu(x, alpha);
}

/** `x · sigmoid(x)`. */
export const silu = compiled((x: Tensor) => x.multiply(mx.sigmoid(x)));

/** `log(sigmoid(x))`. */
export const logSigmoid = compiled((x: Tensor) => mx.negative(softplus(mx.negative(x))));

/** `x · Φ(x)`, `Φ` being the cumulative normal distribution. */
export const gelu = compiled((x: Tensor) => x.multiply(mx.add(1, mx.erf(x.divide(Math.sqrt(2))))).divide(2));

/** `gelu` by a hyperbolic tangent. */
export const geluApprox = compiled((x: Tensor) =>
  mx
    .multiply(0.5, x)
    .multiply(mx.add(1, mx.tanh(mx.multiply(Math.sqrt(2 / Math.PI), x.add(mx.multiply(0.044715, mx.power(x, 3))))))),
);

/** `gelu` by a sigmoid: `x · sigmoid(1.702 · x)`. */
export const geluFastApprox = compiled((x: Tensor) => x.multiply(mx.sigmoid(mx.multiply(1.702, x))));

/** The first half of the axis times the sigmoid of the second half. */
export function glu(x: Tensor, axis = -1): Tensor {
  const [a, b] = mx.split(x, 2, axis) as [Tensor, Tensor];
  return a.multiply(mx.sigmoid(b));
}

const compiledStep = compiled((x: Tensor, threshold: number) => mx.where(x.greaterEqual(threshold), 1, 0));

/** 1 where `x` is not less than the threshold, 0 elsewhere. */
export function step(x: Tensor, threshold = 0): Tensor {
  return compiledStep(x, threshold);
}

/** `elu` that keeps mean and variance: `1.0507 · elu(x, 1.67326)`. */
export const selu = compiled((x: Tensor) => elu(x, 1.67326).multiply(1.0507));

/** `max(0, x) + alpha · min(0, x)`, with learnt slopes. */
export const prelu = compiled((x: Tensor, alpha: Tensor) => mx.maximum(0, x).add(alpha.multiply(mx.minimum(0, x))));

/** `x · tanh(softplus(x))`. */
export const mish = compiled((x: Tensor) => x.multiply(mx.tanh(softplus(x))));

/** `x · min(max(x + 3, 0), 6) / 6`. */
export const hardswish = compiled((x: Tensor) => x.multiply(mx.minimum(mx.maximum(x.add(3), 0), 6)).divide(6));

const compiledHardTanh = compiled((x: Tensor, minVal: number, maxVal: number) =>
  mx.minimum(mx.maximum(x, minVal), maxVal),
);

/** `x` held between the two numbers. */
export function hardTanh(x: Tensor, minVal = -1, maxVal = 1): Tensor {
  return compiledHardTanh(x, minVal, maxVal);
}

const compiledHardShrink = compiled((x: Tensor, lambd: number) => mx.where(mx.abs(x).greater(lambd), x, 0));

/** `x` where its absolute value is greater than `lambd`, 0 elsewhere. */
export function hardShrink(x: Tensor, lambd = 0.5): Tensor {
  return compiledHardShrink(x, lambd);
}

const compiledSoftmin = compiled((x: Tensor, axis: number) => mx.softmax(mx.negative(x), axis));

/** `softmax(-x)` along the axis. */
export function softmin(x: Tensor, axis = -1): Tensor {
  return compiledSoftmin(x, axis);
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return mx.tanh(x);
}
