import { isTensor } from '../../router/tensors/tensor.ts';
import { depends as ofLists } from '../generated/core/unary.ts';
import type { array, CallOptions } from '../types.ts';

type Arrays = array | readonly array[];

interface Depends {
  (inputs: array, dependencies: Arrays, options?: CallOptions): array;
  (inputs: readonly array[], dependencies: Arrays, options?: CallOptions): array[];
}

function listed(value: unknown): unknown {
  return isTensor(value) ? [value] : value;
}

/**
 * The inputs themselves, computed only after the dependencies; each an array or a list of arrays.
 *
 * @returns an array for an array, a list for a list.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.depends.html
 */
export const depends = ((inputs: unknown, dependencies: unknown, ...options: unknown[]): unknown => {
  const results = (ofLists as (...args: unknown[]) => array[])(listed(inputs), listed(dependencies), ...options);
  return isTensor(inputs) ? results[0] : results;
}) as Depends;
