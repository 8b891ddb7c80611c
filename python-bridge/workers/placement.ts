import type { PythonWorker } from '../requests/call.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';

/** The worker with most of the tensors' bytes; null if there are no tensors. */
export function holderOfMost(tensors: readonly RemoteTensor[]): PythonWorker | null {
  const first = tensors[0];
  if (first === undefined) return null;
  if (tensors.every(({ holder }) => holder === first.holder)) return first.holder;
  const bytes = new Map<PythonWorker, number>();
  for (const tensor of new Set(tensors)) bytes.set(tensor.holder, (bytes.get(tensor.holder) ?? 0) + tensor.counted);
  let target = first.holder;
  for (const [holder, sum] of bytes) if (sum > (bytes.get(target) ?? 0)) target = holder;
  return target;
}
