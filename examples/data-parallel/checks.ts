import { core as mx } from '../../mlx/index.ts';
import type * as nn from '../../mlx/nn/index.ts';
import * as utils from '../../mlx/utils/index.ts';

function weights(model: nn.Module): mx.Array {
  const all = utils.treeFlatten<mx.Array>(model.parameters());
  return mx.concatenate(all.map(([, array]) => array.flatten()));
}

/** Whether every process of the group has the same bits; each has to ask. */
export function sameBits(model: nn.Module, group: mx.distributed.Group): boolean {
  const bits = mx.view(weights(model), mx.int32);
  const { allMax, allMin } = mx.distributed;
  return mx.arrayEqual(allMax(bits, { group }), allMin(bits, { group })).item() as boolean;
}

/** The largest difference of two weights. */
export function difference(one: nn.Module, other: nn.Module): number {
  return mx.max(mx.abs(mx.subtract(weights(one), weights(other)))).item() as number;
}
