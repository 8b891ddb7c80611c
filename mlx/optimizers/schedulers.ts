import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';

/** A learning rate, or another number, by the number of steps taken: a scalar array of uint64. */
export type Schedule = (step: Tensor) => Tensor;

function checkSteps(steps: number, name: string, operation: string): void {
  if (Number.isSafeInteger(steps) && steps >= 1) return;
  throw new ArgumentError(`expected an integer from 1 up for "${name}", received ${describeValue(steps)}`, {
    operation,
  });
}

/** `init · decayRate ^ step` */
export function exponentialDecay(init: number, decayRate: number): Schedule {
  return (step) => mx.multiply(init, mx.power(decayRate, step));
}

/** `init · decayRate ^ ⌊step / stepSize⌋` */
export function stepDecay(init: number, decayRate: number, stepSize: number): Schedule {
  checkSteps(stepSize, 'stepSize', 'optimizers.stepDecay');
  return (step) => mx.multiply(init, mx.power(decayRate, mx.floorDivide(step, stepSize)));
}

/** Half a cosine wave from `init` down to `end` within so many steps, and `end` from then on. */
export function cosineDecay(init: number, decaySteps: number, end = 0): Schedule {
  checkSteps(decaySteps, 'decaySteps', 'optimizers.cosineDecay');
  return (step) => {
    const angle = mx.multiply(Math.PI / decaySteps, mx.minimum(step, decaySteps));
    const decay = mx.multiply(0.5, mx.add(1, mx.cos(angle)));
    return mx.add(end, decay.multiply(init - end));
  };
}

/** A straight line from `init` to `end` within so many steps, and `end` from then on. */
export function linearSchedule(init: number, end: number, steps: number): Schedule {
  checkSteps(steps, 'steps', 'optimizers.linearSchedule');
  return (step) =>
    mx
      .minimum(step, steps)
      .multiply((end - init) / steps)
      .add(init);
}

/** Schedules one after the other: from each boundary on the next one, which counts steps from there. */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  const operation = 'optimizers.joinSchedules';
  const [first, ...others] = schedules;
  if (first === undefined) throw new ArgumentError('expected at least one schedule', { operation });
  if (boundaries.length !== others.length) {
    throw new ArgumentError(
      `expected ${others.length} boundaries between the schedules, received ${boundaries.length}`,
      {
        operation,
      },
    );
  }
  return (step) =>
    others.reduce((before, schedule, i) => {
      const boundary = boundaries[i] as number;
      return mx.where(step.less(boundary), before, schedule(step.subtract(boundary)));
    }, first(step));
}
