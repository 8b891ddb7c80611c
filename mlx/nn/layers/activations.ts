import type { Tensor } from '../../../router/tensors/tensor.ts';
import { choice, integer, number, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import * as activations from '../activations.ts';
import { Module } from '../module.ts';

/** A layer that is a function of its input alone. */
interface ActivationLayer extends Module {
  forward(x: Tensor): Tensor;
}

/** The class of a function without settings. */
function layerOf(name: string, apply: (x: Tensor) => Tensor): new () => ActivationLayer {
  const noArguments = signature(`nn.${name}`, {});
  const layer = class extends Module {
    constructor(...args: unknown[]) {
      super();
      noArguments(args);
    }

    override forward(x: Tensor): Tensor {
      return apply(x);
    }
  };
  return Object.defineProperty(layer, 'name', { value: name });
}

export const Sigmoid: new () => ActivationLayer = layerOf('Sigmoid', activations.sigmoid);
export const Mish: new () => ActivationLayer = layerOf('Mish', activations.mish);
export const ReLU: new () => ActivationLayer = layerOf('ReLU', activations.relu);
export const ReLU2: new () => ActivationLayer = layerOf('ReLU2', activations.relu2);
export const ReLU6: new () => ActivationLayer = layerOf('ReLU6', activations.relu6);
export const Softmax: new () => ActivationLayer = layerOf('Softmax', activations.softmax);
export const Softplus: new () => ActivationLayer = layerOf('Softplus', activations.softplus);
export const Softsign: new () => ActivationLayer = layerOf('Softsign', activations.softsign);
export const SiLU: new () => ActivationLayer = layerOf('SiLU', activations.silu);
export const LogSoftmax: new () => ActivationLayer = layerOf('LogSoftmax', activations.logSoftmax);
export const LogSigmoid: new () => ActivationLayer = layerOf('LogSigmoid', activations.logSigmoid);
export const Tanh: new () => ActivationLayer = layerOf('Tanh', activations.tanh);
export const Hardswish: new () => ActivationLayer = layerOf('Hardswish', activations.hardswish);
export const SELU: new () => ActivationLayer = layerOf('SELU', activations.selu);
export const HardTanh: new () => ActivationLayer = layerOf('HardTanh', activations.hardTanh);
export const Softmin: new () => ActivationLayer = layerOf('Softmin', activations.softmin);

const gluArguments = signature('nn.GLU', { axis: or(integer, -1) });

/** The first half of an axis times the sigmoid of the second half. */
export class GLU extends Module {
  readonly axis: number;

  constructor(axis?: number | { axis?: number }) {
    super();
    this.axis = gluArguments([axis]).axis;
  }

  override forward(x: Tensor): Tensor {
    return activations.glu(x, this.axis);
  }
}

const leakyReluArguments = signature('nn.LeakyReLU', { negativeSlope: or(number, 0.01) });

export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  constructor(negativeSlope?: number | { negativeSlope?: number }) {
    super();
    this.negativeSlope = leakyReluArguments([negativeSlope]).negativeSlope;
  }

  override forward(x: Tensor): Tensor {
    return activations.leakyRelu(x, this.negativeSlope);
  }
}

const alphaKinds = { alpha: or(number, 1) };
const eluArguments = signature('nn.ELU', alphaKinds);
const celuArguments = signature('nn.CELU', alphaKinds);

export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha?: number | { alpha?: number }) {
    super();
    this.alpha = eluArguments([alpha]).alpha;
  }

  override forward(x: Tensor): Tensor {
    return activations.elu(x, this.alpha);
  }
}

export class CELU extends Module {
  readonly alpha: number;

  constructor(alpha?: number | { alpha?: number }) {
    super();
    this.alpha = celuArguments([alpha]).alpha;
  }

  override forward(x: Tensor): Tensor {
    return activations.celu(x, this.alpha);
  }
}

const lambdKinds = { lambd: or(number, 0.5) };
const softshrinkArguments = signature('nn.Softshrink', lambdKinds);
const hardShrinkArguments = signature('nn.HardShrink', lambdKinds);

export class Softshrink extends Module {
  readonly lambd: number;

  constructor(lambd?: number | { lambd?: number }) {
    super();
    this.lambd = softshrinkArguments([lambd]).lambd;
  }

  override forward(x: Tensor): Tensor {
    return activations.softshrink(x, this.lambd);
  }
}

export class HardShrink extends Module {
  readonly lambd: number;

  constructor(lambd?: number | { lambd?: number }) {
    super();
    this.lambd = hardShrinkArguments([lambd]).lambd;
  }

  override forward(x: Tensor): Tensor {
    return activations.hardShrink(x, this.lambd);
  }
}

const preluArguments = signature('nn.PReLU', { numParameters: or(size, 1), init: or(number, 0.25) });

/** `max(0, x) + weight · min(0, x)`; `weight`, of the shape `[numParameters]`, is learnt. */
export class PReLU extends Module {
  weight: Tensor;

  constructor(numParameters?: number, init?: number | { init?: number });
  constructor(options?: { numParameters?: number; init?: number });
  constructor(...args: unknown[]) {
    super();
    const { numParameters, init } = preluArguments(args);
    this.weight = mx.full([numParameters], init);
  }

  override forward(x: Tensor): Tensor {
    return activations.prelu(x, this.weight);
  }
}

const geluArguments = signature('nn.GELU', { approx: or(choice('none', 'precise', 'tanh', 'fast'), 'none') });
type Approximation = 'none' | 'precise' | 'tanh' | 'fast';

/** `precise` and `tanh` are the same approximation. */
export class GELU extends Module {
  readonly approx: Approximation;

  constructor(approx?: Approximation | { approx?: Approximation }) {
    super();
    this.approx = geluArguments([approx]).approx;
  }

  override forward(x: Tensor): Tensor {
    if (this.approx === 'none') return activations.gelu(x);
    return this.approx === 'fast' ? activations.geluFastApprox(x) : activations.geluApprox(x);
  }
}

const stepArguments = signature('nn.Step', { threshold: or(number, 0) });

/** 1 where the input is not less than the threshold, 0 elsewhere. */
export class Step extends Module {
  readonly threshold: number;

  constructor(threshold?: number | { threshold?: number }) {
    super();
    this.threshold = stepArguments([threshold]).threshold;
  }

  override forward(x: Tensor): Tensor {
    return activations.step(x, this.threshold);
  }
}
