import type { core as mx } from '../../mlx/index.ts';
import type * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';

/** Frees the weights. */
export function disposeModel(model: nn.Module): void {
  for (const [, array] of treeFlatten<mx.Array>(model.parameters())) array.dispose();
}
