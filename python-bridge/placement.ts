import type { Incarnation } from './call.ts';
import type { RemoteTensor } from './tensor-table.ts';

/** What has to happen before a call can run: nothing more, or one tensor must come over. */
export interface Placement {
  readonly target: Incarnation;
  /** null: every tensor is there. */
  readonly stray: RemoteTensor | null;
}

/** The worker with most of the arguments' bytes, and one argument that is elsewhere. Null if there are no tensors. */
export function placementOf(tensors: readonly RemoteTensor[]): Placement | null {
  const first = tensors[0];
  if (first === undefined) return null;
  if (tensors.every(({ home }) => home === first.home)) return { target: first.home, stray: null };
  const bytes = new Map<Incarnation, number>();
  for (const tensor of new Set(tensors)) bytes.set(tensor.home, (bytes.get(tensor.home) ?? 0) + tensor.counted);
  let target = first.home;
  for (const [home, sum] of bytes) if (sum > (bytes.get(target) ?? 0)) target = home;
  return { target, stray: tensors.find(({ home }) => home !== target) ?? null };
}
