import { float32 } from '../../registry/dtypes.ts';
import type { Incarnation } from '../call.ts';
import type { RemoteTensor } from '../tensor-table.ts';

/** A worker that is gone. */
export const dead = { death: {} } as Incarnation;

/** A float32 of shape [1] that no worker holds. */
export function lostTensor(slot: number, node = 0): RemoteTensor {
  return {
    slot,
    id: slot,
    home: dead,
    dtype: float32,
    shape: [1],
    bytes: 4,
    counted: 4,
    outcome: null,
    freed: false,
    session: undefined,
    copies: [],
    origin: null,
    node,
  };
}
