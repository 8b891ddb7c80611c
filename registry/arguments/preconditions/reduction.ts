import { extentAlong, type Precondition } from './precondition.ts';

/** MLX divides by the extent of the axis that it sorts. */
export const filledAxis: Precondition = (given) => {
  const shape = given.shape('a');
  return extentAlong(shape, given.value('axis') as number | null) === 0
    ? `expected at least one element along the axis, received the shape [${shape}]`
    : undefined;
};

/** The gradient of an exclusive maximum is a scan over the elements but one, and a scan over none divides by zero. */
export const extremeScan: Precondition = (given) => {
  const shape = given.shape('a');
  const axis = given.value('axis') as number | null;
  const size = axis === null ? shape.reduce((product, extent) => product * extent, 1) : shape.at(axis);
  if (given.value('inclusive') === false && size === 1) {
    return `expected more than one element along the axis for "inclusive" false, received the shape [${shape}]`;
  }
  if (given.traced && given.dtypeOf(given.value('a') as object).kind === 'complex') {
    return 'inside a transform, expected real elements for "a": the gradient of complex ones reads out of bounds';
  }
  return undefined;
};

/** MLX builds a graph of as many steps. */
const MOST_DIFFERENCES = 1024;

export const repeated: Precondition = (given) => {
  const n = given.value('n') as number;
  return n <= MOST_DIFFERENCES ? undefined : `expected at most ${MOST_DIFFERENCES} differences for "n", received ${n}`;
};
