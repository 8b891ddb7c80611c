import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { CausalModel } from '../models/model.ts';

type Forward = (...args: unknown[]) => unknown;

/**
 * A block's method that is computed again for its gradients. What it draws begins from a key that it is given: the second
 * time it would drop other elements otherwise, and its gradients would be those of another function.
 */
function repeatable(block: nn.Module): Forward {
  const forward = block.forward.bind(block) as Forward;
  const again = nn.utils.checkpoint(block, ((key: mx.Array, ...args: unknown[]) => {
    const before = mx.random.state[0] as mx.Array;
    // What is drawn has no derivative by its key.
    mx.random.state[0] = mx.stopGradient(key);
    try {
      return forward(...args);
    } finally {
      mx.random.state[0] = before;
    }
  }) as Forward);
  return (...args) => {
    const keys = mx.random.split(mx.random.state[0] as mx.Array);
    mx.random.state[0] = keys.index(0);
    return again(keys.index(1), ...args);
  };
}

/**
 * Makes the blocks of a model compute again for their gradients what they would keep otherwise.
 * @returns what takes it back
 */
export function checkpointBlocks(model: Pick<CausalModel, 'layers'>): () => void {
  const blocks = [...model.layers];
  for (const block of blocks) {
    // Of the object itself, before the method of its class; a field that is enumerable would be part of the module.
    const value = repeatable(block);
    Object.defineProperty(block, 'forward', { value, configurable: true, enumerable: false });
  }
  return () => {
    for (const block of blocks) Reflect.deleteProperty(block, 'forward');
  };
}
