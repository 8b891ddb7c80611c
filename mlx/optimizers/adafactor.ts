import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { checkArray } from '../arguments/checks.ts';
import { flag, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';
import { type LearningRate, rate, two } from './learning-rate.ts';
import { checkPair, checkState, kept, Optimizer, type ParameterState } from './optimizer.ts';

export interface AdafactorOptions {
  /** Absent, or null: found from the step and the parameter. */
  readonly learningRate?: LearningRate | null;
  /** What is added to squares, and the least root mean square of a parameter. Default: `[1e-30, 1e-3]`. */
  readonly eps?: readonly [number, number];
  /** Default: 1. */
  readonly clipThreshold?: number;
  /** Default: -0.8. */
  readonly decayRate?: number;
  /** The weight of the first moment, of which none is kept if it is null, the default. */
  readonly beta1?: number | null;
  /** Default: 0. */
  readonly weightDecay?: number;
  /** Whether steps grow with the parameter. Default: true. */
  readonly scaleParameter?: boolean;
  /** Whether steps shrink with their number. Default: true. */
  readonly relativeStep?: boolean;
  /** Whether the first steps are small. Default: false. */
  readonly warmupInit?: boolean;
}

const adafactorArguments = signature('optimizers.Adafactor', {
  learningRate: or(rate, null),
  eps: or(two, [1e-30, 1e-3] as const),
  clipThreshold: or(number, 1),
  decayRate: or(number, -0.8),
  beta1: or(number, null),
  weightDecay: or(number, 0),
  scaleParameter: or(flag, true),
  relativeStep: or(flag, true),
  warmupInit: or(flag, false),
});

function rootMeanSquare(x: Tensor): Tensor {
  return mx.sqrt(mx.mean(mx.square(x)));
}

function moved(average: Tensor, beta: Tensor, present: Tensor): Tensor {
  return beta.multiply(average).add(mx.subtract(1, beta).multiply(present));
}

/**
 * Adam whose second moment is kept by rows and columns.
 * @see https://ml-explore.github.io/mlx/build/html/python/optimizers/_autosummary/mlx.optimizers.Adafactor.html
 */
export class Adafactor extends Optimizer {
  readonly eps: readonly [number, number];
  readonly clipThreshold: number;
  readonly decayRate: number;
  readonly beta1: number | null;
  readonly weightDecay: number;
  readonly scaleParameter: boolean;
  readonly relativeStep: boolean;
  readonly warmupInit: boolean;

  constructor(
    learningRate?: LearningRate | null | AdafactorOptions,
    eps?: readonly [number, number] | AdafactorOptions,
    clipThreshold?: number | AdafactorOptions,
    decayRate?: number | AdafactorOptions,
    beta1?: number | null | AdafactorOptions,
    weightDecay?: number | AdafactorOptions,
    scaleParameter?: boolean | AdafactorOptions,
    relativeStep?: boolean | AdafactorOptions,
    warmupInit?: boolean,
  );
  constructor(...args: unknown[]) {
    super();
    const given = adafactorArguments(args);
    if (given.learningRate !== null) {
      this.schedule('learning_rate', given.learningRate);
    } else if (!given.relativeStep) {
      throw new ArgumentError('expected a "learningRate" where "relativeStep" is false', {
        operation: 'optimizers.Adafactor',
      });
    }
    this.eps = given.eps;
    this.clipThreshold = given.clipThreshold;
    this.decayRate = given.decayRate;
    this.beta1 = given.beta1;
    this.weightDecay = given.weightDecay;
    this.scaleParameter = given.scaleParameter;
    this.relativeStep = given.relativeStep;
    this.warmupInit = given.warmupInit;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    checkArray(parameter, 'parameter', 'optimizers.Adafactor.initSingle');
    checkState(state);
    const { shape, dtype } = parameter;
    if (shape.length >= 2) {
      state['exp_avg_sq_row'] = mx.zeros(shape.slice(0, -1), dtype);
      state['exp_avg_sq_col'] = mx.zeros([...shape.slice(0, -2), ...shape.slice(-1)], dtype);
    } else {
      state['exp_avg_sq'] = mx.zerosLike(parameter);
    }
    if (this.beta1 !== null) state['exp_avg'] = mx.zerosLike(parameter);
  }

  #step(): Tensor {
    if (!this.relativeStep) return this.learningRate;
    const least = this.warmupInit ? mx.multiply(1e-6, this.step) : 1e-2;
    return mx.minimum(least, mx.rsqrt(this.step));
  }

  #rate(rms: Tensor): Tensor {
    const cast = this.#step().astype(rms.dtype);
    const scale = this.scaleParameter ? mx.maximum(this.eps[1], rms) : 1;
    return mx.multiply(scale, cast);
  }

  #factored(update: Tensor, gradient: Tensor, beta: Tensor, state: ParameterState): Tensor {
    const rows = moved(kept(state, 'exp_avg_sq_row'), beta, mx.mean(update, -1));
    const columns = moved(kept(state, 'exp_avg_sq_col'), beta, mx.mean(update, -2));
    state['exp_avg_sq_row'] = rows;
    state['exp_avg_sq_col'] = columns;
    const rowFactor = mx.rsqrt(rows.divide(mx.mean(rows, -1, true)));
    const columnFactor = mx.rsqrt(columns);
    return mx.expandDims(rowFactor, -1).multiply(mx.expandDims(columnFactor, -2)).multiply(gradient);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    checkPair(gradient, parameter);
    const rms = rootMeanSquare(parameter);
    const rate = this.#rate(rms);
    const beta = mx.subtract(1, mx.power(this.step, this.decayRate).astype(rms.dtype));
    const squares = mx.square(gradient).add(this.eps[0]);
    let update: Tensor;
    if (gradient.ndim >= 2) {
      update = this.#factored(squares, gradient, beta, state);
    } else {
      const average = moved(kept(state, 'exp_avg_sq'), beta, squares);
      state['exp_avg_sq'] = average;
      update = mx.rsqrt(average).multiply(gradient);
    }
    const clipped = update.divide(mx.maximum(1, rootMeanSquare(update).divide(this.clipThreshold)));
    update = rate.multiply(clipped);
    if (this.beta1 !== null) {
      update = mx.multiply(this.beta1, kept(state, 'exp_avg')).add(mx.multiply(1 - this.beta1, update));
      state['exp_avg'] = update;
    }
    const decayed =
      this.weightDecay === 0 ? parameter : parameter.add(parameter.multiply(mx.multiply(-this.weightDecay, rate)));
    return decayed.subtract(update);
  }
}
