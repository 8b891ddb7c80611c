import type { Tensor } from '../../router/tensors/tensor.ts';
import { count, flag, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';
import { type LearningRate, rate } from './learning-rate.ts';
import { checkPair, checkState, kept, Optimizer, type ParameterState } from './optimizer.ts';

const muonArguments = signature('optimizers.Muon', {
  learningRate: rate,
  momentum: or(number, 0.95),
  weightDecay: or(number, 0.01),
  nesterov: or(flag, true),
  nsSteps: or(count(1000), 5),
});

interface MuonOptions {
  momentum?: number;
  weightDecay?: number;
  nesterov?: boolean;
  /** How many steps of the Newton-Schulz iteration. Default: 5. */
  nsSteps?: number;
}

/** Momentum made orthogonal, for the matrices inside of a network. */
export class Muon extends Optimizer {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly nsSteps: number;

  constructor(
    learningRate: LearningRate,
    momentum?: number | MuonOptions,
    weightDecay?: number | MuonOptions,
    nesterov?: boolean | MuonOptions,
    nsSteps?: number,
  );
  constructor(options: { learningRate: LearningRate } & MuonOptions);
  constructor(...args: unknown[]) {
    super();
    const { learningRate, momentum, weightDecay, nesterov, nsSteps } = muonArguments(args);
    this.schedule('learning_rate', learningRate);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
    this.nsSteps = nsSteps;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkState(state);
    state['v'] = mx.zerosLike(parameter);
  }

  /** The nearest orthogonal matrix, nearly, by the Newton-Schulz iteration. */
  #orthogonal(matrix: Tensor): Tensor {
    const [rows, columns] = matrix.shape as [number, number];
    const isTall = rows > columns;
    const x = isTall ? matrix.T : matrix;
    let y = x.divide(mx.linalg.norm(x, { keepdims: true }).add(1e-7));
    for (let i = 0; i < this.nsSteps; i++) {
      const a = y.matmul(y.T);
      const b = mx.addmm(mx.multiply(-4.775, a), a, a, { alpha: 2.0315, beta: 1 });
      y = mx.addmm(mx.multiply(3.4445, y), b, y, { alpha: 1, beta: 1 });
    }
    return isTall ? y.T : y;
  }

  override applySingle(given: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(given, parameter);
    const { momentum, weightDecay } = this;
    const gradient = weightDecay === 0 ? given : given.add(mx.multiply(weightDecay, parameter));
    const v = mx.multiply(momentum, kept(state, 'v')).add(mx.multiply(1 - momentum, gradient));
    state['v'] = v;
    const update = this.nesterov ? gradient.multiply(1 - momentum).add(v.multiply(momentum)) : v;
    const lr = this.learningRate.astype(gradient.dtype);
    if (update.ndim < 2) return parameter.subtract(lr.multiply(update));
    const { shape } = update;
    const matrix = update.ndim > 2 ? update.reshape(shape[0] as number, -1) : update;
    const orthogonal = this.#orthogonal(matrix).reshape(...shape);
    const [height, width] = shape.slice(-2) as [number, number];
    return parameter.subtract(lr.multiply(Math.max(1, height / width) ** 0.5).multiply(orthogonal));
  }
}
