import { ArgumentError } from '../../foundation/errors/errors.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';
import type { LearningRate } from './learning-rate.ts';
import { Optimizer, type ParameterState } from './optimizer.ts';

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

const NAMES = [
  ...(['learningRate', 'eps', 'clipThreshold', 'decayRate', 'beta1'] as const),
  ...(['weightDecay', 'scaleParameter', 'relativeStep', 'warmupInit'] as const),
];

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

  constructor(learningRate?: LearningRate | null | AdafactorOptions, options?: AdafactorOptions) {
    super();
    const operation = 'optimizers.Adafactor';
    const isRate = learningRate === null || typeof learningRate !== 'object' || learningRate instanceof Tensor;
    const given = checkedOptions<AdafactorOptions>(
      isRate ? { learningRate: learningRate ?? null, ...options } : learningRate,
      NAMES,
      operation,
    );
    const { relativeStep = true } = given;
    if (given.learningRate !== undefined && given.learningRate !== null) {
      this.schedule('learning_rate', given.learningRate);
    } else if (!relativeStep) {
      throw new ArgumentError('expected a "learningRate" where "relativeStep" is false', { operation });
    }
    this.eps = given.eps ?? [1e-30, 1e-3];
    this.clipThreshold = given.clipThreshold ?? 1;
    this.decayRate = given.decayRate ?? -0.8;
    this.beta1 = given.beta1 ?? null;
    this.weightDecay = given.weightDecay ?? 0;
    this.scaleParameter = given.scaleParameter ?? true;
    this.relativeStep = relativeStep;
    this.warmupInit = given.warmupInit ?? false;
  }

  override initSingle(parameter: Tensor, state: ParameterState): void {
    const { shape, dtype } = parameter;
    if (shape.length >= 2) {
      state['exp_avg_sq_row'] = mx.zeros(shape.slice(0, -1), dtype);
      state['exp_avg_sq_col'] = mx.zeros([...shape.slice(0, -2), ...shape.slice(-1)], dtype);
    } else {
      state['exp_avg_sq'] = mx.zerosLike(parameter);
    }
    if (this.beta1 !== null) state['exp_avg'] = mx.zerosLike(parameter);
  }

  #rate(rms: Tensor): Tensor {
    let size = this.learningRate;
    if (this.relativeStep) {
      const least = this.warmupInit ? mx.multiply(1e-6, this.step) : 1e-2;
      size = mx.minimum(least, mx.rsqrt(this.step));
    }
    const cast = size.astype(rms.dtype);
    const scale = this.scaleParameter ? mx.maximum(this.eps[1], rms) : 1;
    return mx.multiply(scale, cast);
  }

  #factored(update: Tensor, gradient: Tensor, beta: Tensor, state: ParameterState): Tensor {
    const rows = moved(state['exp_avg_sq_row'] as Tensor, beta, mx.mean(update, -1));
    const columns = moved(state['exp_avg_sq_col'] as Tensor, beta, mx.mean(update, -2));
    state['exp_avg_sq_row'] = rows;
    state['exp_avg_sq_col'] = columns;
    const rowFactor = mx.rsqrt(rows.divide(mx.mean(rows, -1, true)));
    const columnFactor = mx.rsqrt(columns);
    return mx.expandDims(rowFactor, -1).multiply(mx.expandDims(columnFactor, -2)).multiply(gradient);
  }

  override applySingle(gradient: Tensor, parameter: Tensor, state: ParameterState): Tensor {
    const rms = rootMeanSquare(parameter);
    const rate = this.#rate(rms);
    const beta = mx.subtract(1, mx.power(this.step, this.decayRate).astype(rms.dtype));
    const squares = mx.square(gradient).add(this.eps[0]);
    let update: Tensor;
    if (gradient.ndim >= 2) {
      update = this.#factored(squares, gradient, beta, state);
    } else {
      const average = moved(state['exp_avg_sq'] as Tensor, beta, squares);
      state['exp_avg_sq'] = average;
      update = mx.rsqrt(average).multiply(gradient);
    }
    const clipped = update.divide(mx.maximum(1, rootMeanSquare(update).divide(this.clipThreshold)));
    update = rate.multiply(clipped);
    if (this.beta1 !== null) {
      update = mx.multiply(this.beta1, state['exp_avg'] as Tensor).add(mx.multiply(1 - this.beta1, update));
      state['exp_avg'] = update;
    }
    const decayed =
      this.weightDecay === 0 ? parameter : parameter.add(parameter.multiply(mx.multiply(-this.weightDecay, rate)));
    return decayed.subtract(update);
  }
}
