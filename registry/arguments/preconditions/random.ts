import { describeValue } from '../describe.ts';
import { extentAlong, isCount, type Precondition } from './precondition.ts';

/** MLX divides by how many there are to permute. */
export const permutable: Precondition = (given) => {
  const x = given.value('x');
  if (typeof x === 'object' && x !== null && !Array.isArray(x)) {
    const shape = given.shape('x');
    return extentAlong(shape, given.value('axis') as number) === 0
      ? `expected at least one slice to permute in "x", received the shape [${shape}]`
      : undefined;
  }
  if (isCount(x) && x !== 0 && (x as number) < 2 ** 31) return undefined;
  return `expected an array, or a count from 1 up, for "x", received ${describeValue(x)}`;
};

/** The seeds that a 64-bit integer holds. */
export const seed: Precondition = (given) => {
  const value = given.value('seed');
  const integral = typeof value === 'bigint' || Number.isInteger(value);
  return integral && (value as number) >= 0 && (value as number) < 2 ** 64
    ? undefined
    : `expected an integer from 0 to 2^64 - 1 for "seed", received ${describeValue(value)}`;
};
