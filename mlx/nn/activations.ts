import type { Tensor } from '../../router/tensors/tensor.ts';
import { checkArray } from '../arguments/checks.ts';
import { array, integer, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';

// Functions of each element, compiled once for arrays of any shape, as Python's are: a compiled kernel rounds otherwise
// than its operations one by one, and both sides are to agree bit for bit.

const shapeless = { shapeless: true } as const;

function compiled<F extends (...args: never[]) => Tensor>(fun: F): F {
  return mx.compile(fun as never, shapeless) as unknown as F;
}

/** One without settings. MLX leaves a single operation as it is, so compiling it is only another call. */
function activation(name: string, fun: (x: Tensor) => Tensor, { isSingle = false } = {}): (x: Tensor) => Tensor {
  const operation = `nn.${name}`;
  const run = isSingle ? fun : compiled(fun);
  const checked = (x: Tensor): Tensor => {
    checkArray(x, 'x', operation);
    return run(x);
  };
  return Object.defineProperty(checked, 'name', { value: name });
}

/** `1 / (1 + exp(-x))`. */
export const sigmoid = activation('sigmoid', (x: Tensor) => mx.sigmoid(x), { isSingle: true });

/** `max(x, 0)`. */
export const relu = activation('relu', (x: Tensor) => mx.maximum(x, 0), { isSingle: true });

/** `max(x, 0)²`. */
export const relu2 = activation('relu2', (x: Tensor) => mx.square(mx.maximum(x, 0)));

/** `min(max(x, 0), 6)`. */
export const relu6 = activation('relu6', (x: Tensor) => mx.minimum(mx.maximum(x, 0), 6));

const compiledLeakyRelu = compiled((x: Tensor, slope: number) => mx.maximum(mx.multiply(slope, x), x));

const leakyReluArguments = signature('nn.leakyRelu', { x: array, negativeSlope: or(number, 0.01) }, 1);

/** `max(negativeSlope · x, x)`. */
export function leakyRelu(x: Tensor, negativeSlope?: number | { negativeSlope?: number }): Tensor;
export function leakyRelu(...args: unknown[]): Tensor {
  const { x, negativeSlope } = leakyReluArguments(args);
  return compiledLeakyRelu(x, negativeSlope);
}

function plainLogSoftmax(x: Tensor, axis: number): Tensor {
  const shifted = x.subtract(mx.stopGradient(mx.max(x, axis, true)));
  return shifted.subtract(mx.logsumexp(shifted, axis, true));
}

const compiledLogSoftmax = compiled(plainLogSoftmax);

const logSoftmaxArguments = signature('nn.logSoftmax', { x: array, axis: or(integer, -1) }, 1);

/** `x - log(sum(exp(x)))` along the axis. */
export function logSoftmax(x: Tensor, axis?: number | { axis?: number }): Tensor;
export function logSoftmax(...args: unknown[]): Tensor {
  const { x, axis } = logSoftmaxArguments(args);
  // Along an axis of the length 1 MLX 0.32.2 ends the process in what it compiles for any shape, in Python, too.
  return x.shape.at(axis) === 1 ? plainLogSoftmax(x, axis) : compiledLogSoftmax(x, axis);
}

const compiledElu = compiled((x: Tensor, alpha: number) =>
  mx.where(x.greater(0), x, mx.multiply(alpha, mx.subtract(mx.exp(x), 1))),
);

const eluArguments = signature('nn.elu', { x: array, alpha: or(number, 1) }, 1);

/** `x` where it is positive, `alpha · (exp(x) - 1)` elsewhere. */
export function elu(x: Tensor, alpha?: number | { alpha?: number }): Tensor;
export function elu(...args: unknown[]): Tensor {
  const { x, alpha } = eluArguments(args);
  return compiledElu(x, alpha);
}

const compiledSoftmax = compiled((x: Tensor, axis: number) => mx.softmax(x, axis));

const softmaxArguments = signature('nn.softmax', { x: array, axis: or(integer, -1) }, 1);

/** `exp(x) / sum(exp(x))` along the axis. */
export function softmax(x: Tensor, axis?: number | { axis?: number }): Tensor;
export function softmax(...args: unknown[]): Tensor {
  const { x, axis } = softmaxArguments(args);
  return compiledSoftmax(x, axis);
}

/** `log(1 + exp(x))`. */
export const softplus = activation('softplus', (x: Tensor) => mx.logaddexp(x, 0), { isSingle: true });

/** `x / (1 + |x|)`. */
export const softsign = activation('softsign', (x: Tensor) => mx.divide(x, mx.add(1, mx.abs(x))));

const compiledSoftshrink = compiled((x: Tensor, lambd: number) =>
  mx.where(mx.abs(x).greater(lambd), x.subtract(mx.sign(x).multiply(lambd)), 0),
);

const softshrinkArguments = signature('nn.softshrink', { x: array, lambd: or(number, 0.5) }, 1);

/** `x` moved towards 0 by `lambd`, 0 where it would pass it. */
export function softshrink(x: Tensor, lambd?: number | { lambd?: number }): Tensor;
export function softshrink(...args: unknown[]): Tensor {
  const { x, lambd } = softshrinkArguments(args);
  return compiledSoftshrink(x, lambd);
}

const compiledCelu = compiled((x: Tensor, alpha: number) =>
  mx.add(mx.maximum(x, 0), mx.multiply(alpha, mx.subtract(mx.exp(mx.divide(mx.minimum(x, 0), alpha)), 1))),
);

const celuArguments = signature('nn.celu', { x: array, alpha: or(number, 1) }, 1);

/** `max(x, 0) + alpha · (exp(min(x, 0) / alpha) - 1)`. */
export function celu(x: Tensor, alpha?: number | { alpha?: number }): Tensor;
export function celu(...args: unknown[]): Tensor {
  const { x, alpha } = celuArguments(args);
  return compiledCelu(x, alpha);
}

/** `x · sigmoid(x)`. */
export const silu = activation('silu', (x: Tensor) => x.multiply(mx.sigmoid(x)));

/** `log(sigmoid(x))`. */
export const logSigmoid = activation('logSigmoid', (x: Tensor) => mx.negative(softplus(mx.negative(x))));

/** `x · Φ(x)`, `Φ` being the cumulative normal distribution. */
export const gelu = activation('gelu', (x: Tensor) => x.multiply(mx.add(1, mx.erf(x.divide(Math.sqrt(2))))).divide(2));

/** `gelu` by a hyperbolic tangent. */
export const geluApprox = activation('geluApprox', (x: Tensor) =>
  mx
    .multiply(0.5, x)
    .multiply(mx.add(1, mx.tanh(mx.multiply(Math.sqrt(2 / Math.PI), x.add(mx.multiply(0.044715, mx.power(x, 3))))))),
);

/** `gelu` by a sigmoid: `x · sigmoid(1.702 · x)`. */
export const geluFastApprox = activation('geluFastApprox', (x: Tensor) =>
  x.multiply(mx.sigmoid(mx.multiply(1.702, x))),
);

const gluArguments = signature('nn.glu', { x: array, axis: or(integer, -1) }, 1);

/** The first half of the axis times the sigmoid of the second half. */
export function glu(x: Tensor, axis?: number | { axis?: number }): Tensor;
export function glu(...args: unknown[]): Tensor {
  const { x, axis } = gluArguments(args);
  const [a, b] = mx.split(x, 2, axis) as [Tensor, Tensor];
  return a.multiply(mx.sigmoid(b));
}

const compiledStep = compiled((x: Tensor, threshold: number) => mx.where(x.greaterEqual(threshold), 1, 0));

const stepArguments = signature('nn.step', { x: array, threshold: or(number, 0) }, 1);

/** 1 where `x` is not less than the threshold, 0 elsewhere. */
export function step(x: Tensor, threshold?: number | { threshold?: number }): Tensor;
export function step(...args: unknown[]): Tensor {
  const { x, threshold } = stepArguments(args);
  return compiledStep(x, threshold);
}

/** `elu` that keeps mean and variance: `1.0507 · elu(x, 1.67326)`. */
export const selu = activation('selu', (x: Tensor) => elu(x, 1.67326).multiply(1.0507));

const compiledPrelu = compiled((x: Tensor, alpha: Tensor) => mx.maximum(0, x).add(alpha.multiply(mx.minimum(0, x))));

/** `max(0, x) + alpha · min(0, x)`, with learnt slopes. @throws OperationError for shapes that do not fit together. */
export function prelu(x: Tensor, alpha: Tensor): Tensor {
  checkArray(x, 'x', 'nn.prelu');
  checkArray(alpha, 'alpha', 'nn.prelu');
  // What MLX 0.32.2 compiles for any shape does not look whether they do, and reads beyond the end.
  mx.broadcastShapes(x.shape, alpha.shape);
  return compiledPrelu(x, alpha);
}

/** `x · tanh(softplus(x))`. */
export const mish = activation('mish', (x: Tensor) => x.multiply(mx.tanh(softplus(x))));

/** `x · min(max(x + 3, 0), 6) / 6`. */
export const hardswish = activation('hardswish', (x: Tensor) =>
  x.multiply(mx.minimum(mx.maximum(x.add(3), 0), 6)).divide(6),
);

const compiledHardTanh = compiled((x: Tensor, minVal: number, maxVal: number) =>
  mx.minimum(mx.maximum(x, minVal), maxVal),
);

const hardTanhArguments = signature('nn.hardTanh', { x: array, minVal: or(number, -1), maxVal: or(number, 1) }, 1);

/** `x` held between the two numbers. */
export function hardTanh(
  x: Tensor,
  minVal?: number | { minVal?: number; maxVal?: number },
  maxVal?: number | { minVal?: number; maxVal?: number },
): Tensor;
export function hardTanh(...args: unknown[]): Tensor {
  const { x, minVal, maxVal } = hardTanhArguments(args);
  return compiledHardTanh(x, minVal, maxVal);
}

const compiledHardShrink = compiled((x: Tensor, lambd: number) => mx.where(mx.abs(x).greater(lambd), x, 0));

const hardShrinkArguments = signature('nn.hardShrink', { x: array, lambd: or(number, 0.5) }, 1);

/** `x` where its absolute value is greater than `lambd`, 0 elsewhere. */
export function hardShrink(x: Tensor, lambd?: number | { lambd?: number }): Tensor;
export function hardShrink(...args: unknown[]): Tensor {
  const { x, lambd } = hardShrinkArguments(args);
  return compiledHardShrink(x, lambd);
}

const compiledSoftmin = compiled((x: Tensor, axis: number) => mx.softmax(mx.negative(x), axis));

const softminArguments = signature('nn.softmin', { x: array, axis: or(integer, -1) }, 1);

/** `softmax(-x)` along the axis. */
export function softmin(x: Tensor, axis?: number | { axis?: number }): Tensor;
export function softmin(...args: unknown[]): Tensor {
  const { x, axis } = softminArguments(args);
  return compiledSoftmin(x, axis);
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  checkArray(x, 'x', 'nn.tanh');
  return mx.tanh(x);
}
