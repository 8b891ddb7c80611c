import { describeValue } from '../describe.ts';
import { isTensor, type Precondition } from './precondition.ts';

/** Each target picks one of the classes. */
export const classes: Precondition = (given) => {
  const shape = given.shape('logits');
  return shape.at(-1) === 0 && !given.shape('targets').includes(0)
    ? `expected at least one class in "logits", received the shape [${shape}]`
    : undefined;
};

export const offset: Precondition = (given) => {
  const value = given.value('offset');
  if (Number.isInteger(value) || isTensor(value)) return undefined;
  return `expected an integer or an array for "offset", received ${describeValue(value)}`;
};

export const mask: Precondition = (given) => {
  const value = given.value('mask');
  if (value === null || typeof value === 'string' || isTensor(value)) return undefined;
  return `expected "causal" or an array for "mask", received ${describeValue(value)}`;
};
