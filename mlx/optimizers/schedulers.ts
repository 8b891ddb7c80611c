import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { checkArray } from '../arguments/checks.ts';
import { func, list, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';

/** A learning rate, or another number, by the number of steps taken: a scalar array of uint64. */
export type Schedule = (step: Tensor) => Tensor;

function checkSteps(steps: number, name: string, operation: string): void {
  if (Number.isSafeInteger(steps) && steps >= 1) return;
  throw new ArgumentError(`expected an integer from 1 up for "${name}", received ${describeValue(steps)}`, {
    operation,
  });
}

/** The schedule, which refuses a step that is no array. */
function schedule(operation: string, at: Schedule): Schedule {
  return (step) => {
    checkArray(step, 'step', operation);
    return at(step);
  };
}

const exponentialArguments = signature('optimizers.exponentialDecay', { init: number, decayRate: number });

/** `init · decayRate ^ step` */
export function exponentialDecay(init: number, decayRate: number | { decayRate: number }): Schedule;
export function exponentialDecay(options: { init: number; decayRate: number }): Schedule;
export function exponentialDecay(...args: unknown[]): Schedule {
  const { init, decayRate } = exponentialArguments(args);
  return schedule('optimizers.exponentialDecay', (step) => mx.multiply(init, mx.power(decayRate, step)));
}

const stepArguments = signature('optimizers.stepDecay', { init: number, decayRate: number, stepSize: number });

/** `init · decayRate ^ ⌊step / stepSize⌋` */
export function stepDecay(init: number, decayRate: number, stepSize: number | { stepSize: number }): Schedule;
export function stepDecay(options: { init: number; decayRate: number; stepSize: number }): Schedule;
export function stepDecay(...args: unknown[]): Schedule {
  const operation = 'optimizers.stepDecay';
  const { init, decayRate, stepSize } = stepArguments(args);
  checkSteps(stepSize, 'stepSize', operation);
  return schedule(operation, (step) => mx.multiply(init, mx.power(decayRate, mx.floorDivide(step, stepSize))));
}

const cosineArguments = signature('optimizers.cosineDecay', { init: number, decaySteps: number, end: or(number, 0) });

/** Half a cosine wave from `init` down to `end`, 0 by default, within so many steps, and `end` from then on. */
export function cosineDecay(init: number, decaySteps: number, end?: number | { end?: number }): Schedule;
export function cosineDecay(options: { init: number; decaySteps: number; end?: number }): Schedule;
export function cosineDecay(...args: unknown[]): Schedule {
  const operation = 'optimizers.cosineDecay';
  const { init, decaySteps, end } = cosineArguments(args);
  checkSteps(decaySteps, 'decaySteps', operation);
  return schedule(operation, (step) => {
    const angle = mx.multiply(Math.PI / decaySteps, mx.minimum(step, decaySteps));
    const decay = mx.multiply(0.5, mx.add(1, mx.cos(angle)));
    return mx.add(end, decay.multiply(init - end));
  });
}

const linearArguments = signature('optimizers.linearSchedule', { init: number, end: number, steps: number });

/** A straight line from `init` to `end` within so many steps, and `end` from then on. */
export function linearSchedule(init: number, end: number, steps: number | { steps: number }): Schedule;
export function linearSchedule(options: { init: number; end: number; steps: number }): Schedule;
export function linearSchedule(...args: unknown[]): Schedule {
  const operation = 'optimizers.linearSchedule';
  const { init, end, steps } = linearArguments(args);
  checkSteps(steps, 'steps', operation);
  return schedule(operation, (step) =>
    mx
      .minimum(step, steps)
      .multiply((end - init) / steps)
      .add(init),
  );
}

const joinArguments = signature('optimizers.joinSchedules', {
  schedules: list(func<Schedule>(), 'a list of schedules'),
  boundaries: list(number, 'a list of numbers of steps'),
});

/** Schedules one after the other: from each boundary on the next one, which counts steps from there. */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule;
export function joinSchedules(options: { schedules: readonly Schedule[]; boundaries: readonly number[] }): Schedule;
export function joinSchedules(...args: unknown[]): Schedule {
  const operation = 'optimizers.joinSchedules';
  const { schedules, boundaries } = joinArguments(args);
  const [first, ...others] = schedules;
  if (first === undefined) throw new ArgumentError('expected at least one schedule', { operation });
  if (boundaries.length !== others.length) {
    throw new ArgumentError(
      `expected ${others.length} boundaries between the schedules, received ${boundaries.length}`,
      { operation },
    );
  }
  return schedule(operation, (step) =>
    others.reduce((before, next, i) => {
      const boundary = boundaries[i] as number;
      return mx.where(step.less(boundary), before, next(step.subtract(boundary)));
    }, first(step)),
  );
}
