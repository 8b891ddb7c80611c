import type { Tensor } from '../../router/tensors/tensor.ts';

/** Disposes of these arrays, but for those that are still in use. */
export function disposeBut(used: ReadonlySet<Tensor>, arrays: readonly Tensor[]): void {
  for (const array of new Set(arrays)) if (!used.has(array)) array.dispose();
}
