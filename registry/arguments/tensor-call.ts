import type { Operation } from '../operation.ts';

/** The calls of an operation that have tensors alone, by position. */
export interface TensorCall {
  /** How many tensors, one to three. */
  readonly count: number;
  /** Whether there are two, either of which may be a number of the other's dtype. */
  readonly weak: boolean;
}

const MOST_TENSORS = 3;

/** undefined where a call without anything else is not a whole one, or has another result than one tensor. */
export function tensorCallOf({ parameters, result, family }: Operation): TensorCall | undefined {
  const count = parameters.length;
  if (family === 'user' || result !== 'array' || count < 1 || count > MOST_TENSORS) return undefined;
  const isTensor = parameters.every(
    ({ kind, keywordOnly, variadic, nullable }) =>
      (kind === 'array' || kind === 'operand') && !keywordOnly && !nullable && variadic !== true,
  );
  if (!isTensor) return undefined;
  return { count, weak: count === 2 && parameters.every(({ kind, apart }) => kind === 'operand' && !apart) };
}
