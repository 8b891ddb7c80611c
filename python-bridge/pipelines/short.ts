import type { Operation } from '../../registry/operation.ts';

/** Whether records can carry it: one to three arguments, each a tensor, and one result. */
export function isShort({ parameters, result, python, family }: Operation): boolean {
  return (
    python !== null &&
    family !== 'user' &&
    result === 'array' &&
    parameters.length >= 1 &&
    parameters.length <= 3 &&
    parameters.every(
      ({ kind, keywordOnly, variadic, nullable }) =>
        (kind === 'array' || kind === 'operand') && !keywordOnly && !nullable && variadic !== true,
    )
  );
}
