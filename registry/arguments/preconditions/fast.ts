import { describeValue } from '../describe.ts';
import { isTensor, type Precondition, type Preconditions } from './precondition.ts';

/** Each target picks one of the classes. */
const classes: Precondition = (given) => {
  const shape = given.shape('logits');
  return shape.at(-1) === 0 && !given.shape('targets').includes(0)
    ? `expected at least one class in "logits", received the shape [${shape}]`
    : undefined;
};

const offset: Precondition = (given) => {
  const value = given.value('offset');
  if (Number.isInteger(value) || isTensor(value)) return undefined;
  return `expected an integer or an array for "offset", received ${describeValue(value)}`;
};

const mask: Precondition = (given) => {
  const value = given.value('mask');
  if (value === null || typeof value === 'string' || isTensor(value)) return undefined;
  return `expected "causal" or an array for "mask", received ${describeValue(value)}`;
};

export const fast: Preconditions = {
  'fast.cross_entropy': classes,
  'fast.rope': offset,
  'fast.scaled_dot_product_attention': mask,
};
