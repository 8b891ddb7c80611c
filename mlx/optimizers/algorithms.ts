import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { flag, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';
import { type LearningRate, rate, two } from './learning-rate.ts';
import { checkPair, checkState, kept, Optimizer, type ParameterState } from './optimizer.ts';

function check(isRight: boolean, expected: string, name: string, received: unknown, operation: string): void {
  if (isRight) return;
  throw new ArgumentError(`expected ${expected} for "${name}", received ${String(received)}`, { operation });
}

function checkBetas(betas: readonly [number, number], operation: string): void {
  for (const beta of betas) check(beta >= 0 && beta < 1, 'numbers from 0 up to but not 1', 'betas', betas, operation);
}

const sgdArguments = signature('optimizers.SGD', {
  learningRate: rate,
  momentum: or(number, 0),
  weightDecay: or(number, 0),
  dampening: or(number, 0),
  nesterov: or(flag, false),
});

interface SGDOptions {
  momentum?: number;
  weightDecay?: number;
  dampening?: number;
  nesterov?: boolean;
}

/** Stochastic gradient descent, with momentum if need be. */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly dampening: number;
  readonly nesterov: boolean;

  constructor(
    learningRate: LearningRate,
    momentum?: number | SGDOptions,
    weightDecay?: number | SGDOptions,
    dampening?: number | SGDOptions,
    nesterov?: boolean,
  );
  constructor(options: { learningRate: LearningRate } & SGDOptions);
  constructor(...args: unknown[]) {
    super();
    const { learningRate, momentum, weightDecay, dampening, nesterov } = sgdArguments(args);
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new ArgumentError('expected momentum and no dampening with "nesterov"', { operation: 'optimizers.SGD' });
    }
    this.schedule('learning_rate', learningRate);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.dampening = dampening;
    this.nesterov = nesterov;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['v'] = mx.zerosLike(parameter);
  }

  override applySingle(given: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(given, parameter);
    const { momentum, weightDecay, dampening } = this;
    const gradient = weightDecay === 0 ? given : given.add(mx.multiply(weightDecay, parameter));
    const lr = this.learningRate.astype(gradient.dtype);
    if (momentum <= 0) return parameter.subtract(lr.multiply(gradient));
    const added = dampening > 0 ? mx.multiply(1 - dampening, gradient) : gradient;
    const v = mx.multiply(momentum, kept(state, 'v')).add(added);
    state['v'] = v;
    return parameter.subtract(lr.multiply(this.nesterov ? gradient.add(mx.multiply(momentum, v)) : v));
  }
}

const rmspropArguments = signature('optimizers.RMSprop', {
  learningRate: rate,
  alpha: or(number, 0.99),
  eps: or(number, 1e-8),
});

/** Divides by the root of the mean of squared gradients. */
export class RMSprop extends Optimizer {
  readonly alpha: number;
  readonly eps: number;

  constructor(
    learningRate: LearningRate,
    alpha?: number | { alpha?: number; eps?: number },
    eps?: number | { eps?: number },
  );
  constructor(options: { learningRate: LearningRate; alpha?: number; eps?: number });
  constructor(...args: unknown[]) {
    super();
    const { learningRate, alpha, eps } = rmspropArguments(args);
    check(alpha >= 0, 'a number from 0 up', 'alpha', alpha, 'optimizers.RMSprop');
    check(eps > 0, 'a positive number', 'eps', eps, 'optimizers.RMSprop');
    this.schedule('learning_rate', learningRate);
    this.alpha = alpha;
    this.eps = eps;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['v'] = mx.zerosLike(parameter);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    const lr = this.learningRate.astype(gradient.dtype);
    const v = mx.multiply(this.alpha, kept(state, 'v')).add(mx.multiply(1 - this.alpha, mx.square(gradient)));
    state['v'] = v;
    return parameter.subtract(lr.multiply(gradient).divide(mx.sqrt(v).add(this.eps)));
  }
}

const adagradArguments = signature('optimizers.Adagrad', { learningRate: rate, eps: or(number, 1e-8) });

/** Divides by the root of the sum of squared gradients. */
export class Adagrad extends Optimizer {
  readonly eps: number;

  constructor(learningRate: LearningRate, eps?: number | { eps?: number });
  constructor(options: { learningRate: LearningRate; eps?: number });
  constructor(...args: unknown[]) {
    super();
    const { learningRate, eps } = adagradArguments(args);
    check(eps > 0, 'a positive number', 'eps', eps, 'optimizers.Adagrad');
    this.schedule('learning_rate', learningRate);
    this.eps = eps;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['v'] = mx.zerosLike(parameter);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    const lr = this.learningRate.astype(gradient.dtype);
    const v = kept(state, 'v').add(mx.square(gradient));
    state['v'] = v;
    return parameter.subtract(lr.multiply(gradient).divide(mx.sqrt(v).add(this.eps)));
  }
}

const adaDeltaArguments = signature('optimizers.AdaDelta', {
  learningRate: rate,
  rho: or(number, 0.9),
  eps: or(number, 1e-6),
});

/** Steps of the size of those before. */
export class AdaDelta extends Optimizer {
  readonly rho: number;
  readonly eps: number;

  constructor(
    learningRate: LearningRate,
    rho?: number | { rho?: number; eps?: number },
    eps?: number | { eps?: number },
  );
  constructor(options: { learningRate: LearningRate; rho?: number; eps?: number });
  constructor(...args: unknown[]) {
    super();
    const { learningRate, rho, eps } = adaDeltaArguments(args);
    check(rho >= 0, 'a number from 0 up', 'rho', rho, 'optimizers.AdaDelta');
    check(eps > 0, 'a positive number', 'eps', eps, 'optimizers.AdaDelta');
    this.schedule('learning_rate', learningRate);
    this.rho = rho;
    this.eps = eps;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['v'] = mx.zerosLike(parameter);
    state['u'] = mx.zerosLike(parameter);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    const lr = this.learningRate.astype(gradient.dtype);
    const { rho, eps } = this;
    const u = kept(state, 'u');
    const v = mx.multiply(rho, kept(state, 'v')).add(mx.multiply(1 - rho, mx.square(gradient)));
    const d = mx
      .sqrt(u.add(eps))
      .divide(mx.sqrt(v.add(eps)))
      .multiply(gradient);
    state['v'] = v;
    state['u'] = mx.multiply(rho, u).add(mx.multiply(1 - rho, mx.square(d)));
    return parameter.subtract(lr.multiply(d));
  }
}

const adamKinds = { learningRate: rate, betas: or(two, [0.9, 0.999] as const), eps: or(number, 1e-8) };
const adamArguments = signature('optimizers.Adam', { ...adamKinds, biasCorrection: or(flag, false) });

export interface AdamOptions {
  /** Default: `[0.9, 0.999]`. */
  betas?: readonly [number, number];
  /** Default: 1e-8. */
  eps?: number;
  /** Default: false. */
  biasCorrection?: boolean;
}

/**
 * Adam, without correction of the bias unless asked for.
 * @see https://ml-explore.github.io/mlx/build/html/python/optimizers/_autosummary/mlx.optimizers.Adam.html
 */
export class Adam extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly biasCorrection: boolean;

  constructor(
    learningRate: LearningRate,
    betas?: readonly [number, number] | AdamOptions,
    eps?: number | AdamOptions,
    biasCorrection?: boolean,
  );
  constructor(options: { learningRate: LearningRate } & AdamOptions);
  constructor(...args: unknown[]) {
    super();
    const { learningRate, betas, eps, biasCorrection } = adamArguments(args);
    checkBetas(betas, 'optimizers.Adam');
    check(eps >= 0, 'a number from 0 up', 'eps', eps, 'optimizers.Adam');
    this.schedule('learning_rate', learningRate);
    this.betas = betas;
    this.eps = eps;
    this.biasCorrection = biasCorrection;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['m'] = mx.zerosLike(parameter);
    state['v'] = mx.zerosLike(parameter);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    if (!this.biasCorrection) return this.takeStep(gradient, parameter, state, 0);
    const lr = this.learningRate.astype(gradient.dtype);
    const [b1, b2] = this.betas;
    const m = mx.multiply(b1, kept(state, 'm')).add(mx.multiply(1 - b1, gradient));
    const v = mx.multiply(b2, kept(state, 'v')).add(mx.multiply(1 - b2, mx.square(gradient)));
    state['m'] = m;
    state['v'] = v;
    const c1 = lr.divide(mx.subtract(1, mx.power(b1, this.step))).astype(gradient.dtype);
    const c2 = mx.rsqrt(mx.subtract(1, mx.power(b2, this.step))).astype(gradient.dtype);
    return parameter.subtract(c1.multiply(m).divide(mx.sqrt(v).multiply(c2).add(this.eps)));
  }

  /** A step without correction of the bias, as one operation. */
  protected takeStep(gradient: Tensor, parameter: Tensor, state: ParameterState, weightDecay: number): Tensor {
    const [beta1, beta2] = this.betas;
    const { learningRate, eps } = this;
    const moments = [kept(state, 'm'), kept(state, 'v')] as const;
    const options = { beta1, beta2, eps, weightDecay };
    const [next, m, v] = mx.fast.adamStep(parameter, gradient, ...moments, learningRate, options);
    state['m'] = m;
    state['v'] = v;
    return next;
  }
}

const adamWArguments = signature('optimizers.AdamW', {
  ...adamKinds,
  weightDecay: or(number, 0.01),
  biasCorrection: or(flag, false),
});

/**
 * Adam with weight decay apart from the gradient.
 * @see https://ml-explore.github.io/mlx/build/html/python/optimizers/_autosummary/mlx.optimizers.AdamW.html
 */
export class AdamW extends Adam {
  readonly weightDecay: number;

  constructor(
    learningRate: LearningRate,
    betas?: readonly [number, number] | (AdamOptions & { weightDecay?: number }),
    eps?: number | (AdamOptions & { weightDecay?: number }),
    weightDecay?: number | (AdamOptions & { weightDecay?: number }),
    biasCorrection?: boolean,
  );
  constructor(options: { learningRate: LearningRate; weightDecay?: number } & AdamOptions);
  constructor(...args: unknown[]) {
    const { weightDecay, ...adam } = adamWArguments(args);
    super(adam);
    this.weightDecay = weightDecay;
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    // A decay of 0 is none to the operation, but with an infinite learning rate it makes what is not a number.
    if (!this.biasCorrection && this.weightDecay !== 0) {
      return this.takeStep(gradient, parameter, state, this.weightDecay);
    }
    const lr = this.learningRate.astype(gradient.dtype);
    const decayed = parameter.multiply(mx.subtract(1, lr.multiply(this.weightDecay)));
    return super.applySingle(gradient, decayed, state);
  }
}

const adamaxArguments = signature('optimizers.Adamax', adamKinds);

/** Adam with the greatest gradient in the place of the second moment. */
export class Adamax extends Adam {
  constructor(
    learningRate: LearningRate,
    betas?: readonly [number, number] | Omit<AdamOptions, 'biasCorrection'>,
    eps?: number,
  );
  constructor(options: { learningRate: LearningRate } & Omit<AdamOptions, 'biasCorrection'>);
  constructor(...args: unknown[]) {
    super(adamaxArguments(args));
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    const lr = this.learningRate.astype(gradient.dtype);
    const [b1, b2] = this.betas;
    const m = mx.multiply(b1, kept(state, 'm')).add(mx.multiply(1 - b1, gradient));
    const v = mx.maximum(mx.multiply(b2, kept(state, 'v')), mx.abs(gradient));
    state['m'] = m;
    state['v'] = v;
    return parameter.subtract(lr.multiply(m).divide(v.add(this.eps)));
  }
}

const lionArguments = signature('optimizers.Lion', {
  learningRate: rate,
  betas: or(two, [0.9, 0.99] as const),
  weightDecay: or(number, 0),
});

interface LionOptions {
  /** Default: `[0.9, 0.99]`. */
  betas?: readonly [number, number];
  weightDecay?: number;
}

/** Steps by the sign of the momentum. */
export class Lion extends Optimizer {
  readonly betas: readonly [number, number];
  readonly weightDecay: number;

  constructor(learningRate: LearningRate, betas?: readonly [number, number] | LionOptions, weightDecay?: number);
  constructor(options: { learningRate: LearningRate } & LionOptions);
  constructor(...args: unknown[]) {
    super();
    const { learningRate, betas, weightDecay } = lionArguments(args);
    checkBetas(betas, 'optimizers.Lion');
    this.schedule('learning_rate', learningRate);
    this.betas = betas;
    this.weightDecay = weightDecay;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['m'] = mx.zerosLike(parameter);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    const lr = this.learningRate.astype(gradient.dtype);
    const [b1, b2] = this.betas;
    const m = kept(state, 'm');
    const c = mx.multiply(b1, m).add(mx.multiply(1 - b1, gradient));
    state['m'] = mx.multiply(b2, m).add(mx.multiply(1 - b2, gradient));
    const decayed =
      this.weightDecay > 0 ? mx.subtract(1, lr.multiply(this.weightDecay)).multiply(parameter) : parameter;
    return decayed.subtract(lr.multiply(mx.sign(c)));
  }
}
