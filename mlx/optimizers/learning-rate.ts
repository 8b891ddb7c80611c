import { Tensor } from '../../router/tensors/tensor.ts';
import type { Kind } from '../arguments/signature.ts';
import type { Schedule } from './schedulers.ts';

/** A number, or a schedule of one. */
export type LearningRate = number | Tensor | Schedule;

export const rate: Kind<LearningRate> = {
  expected: 'a number, an array or a schedule',
  read: (value) =>
    typeof value === 'number' || typeof value === 'function' || value instanceof Tensor
      ? (value as LearningRate)
      : undefined,
};

/** Two numbers. */
export const two: Kind<readonly [number, number]> = {
  expected: 'a list of two numbers',
  read: (value) =>
    Array.isArray(value) && value.length === 2 && value.every((item) => typeof item === 'number')
      ? (value as unknown as readonly [number, number])
      : undefined,
};
