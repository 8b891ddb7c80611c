import { float32 } from '../../foundation/values/dtypes.ts';
import type { PythonWorker } from '../requests/call.ts';
import { KnownTensor, type RemoteTensor } from '../tensors/remote-tensor.ts';

/** A worker that has exited. */
export const exited = { exit: {} } as PythonWorker;

/** A float32 of shape [1] that no worker holds. */
export function lostTensor(slot: number, node = 0): RemoteTensor {
  const tensor = new KnownTensor(slot, slot, exited, { dtype: float32, shape: [1] });
  tensor.node = node;
  return tensor;
}
