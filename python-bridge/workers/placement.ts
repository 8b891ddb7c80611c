import type { Incarnation } from '../requests/call.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';

/** The worker with most of the tensors' bytes; null if there are no tensors. */
export function homeOfMost(tensors: readonly RemoteTensor[]): Incarnation | null {
  const first = tensors[0];
  if (first === undefined) return null;
  if (tensors.every(({ home }) => home === first.home)) return first.home;
  const bytes = new Map<Incarnation, number>();
  for (const tensor of new Set(tensors)) bytes.set(tensor.home, (bytes.get(tensor.home) ?? 0) + tensor.counted);
  let target = first.home;
  for (const [home, sum] of bytes) if (sum > (bytes.get(target) ?? 0)) target = home;
  return target;
}
