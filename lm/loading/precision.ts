import { freemem } from 'node:os';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { castModel, dequantizeModel } from '../convert/quantize.ts';
import { totalParameters } from '../convert/shards.ts';
import type { CausalModel } from '../models/model.ts';

/**
 * How quantized weights are kept: `stored`, as they are in the file, `dequantized`, as float32, or `auto`: dequantized on
 * a CPU with room for them.
 */
export type WeightsPolicy = 'auto' | 'stored' | 'dequantized';

const BYTES_OF_FLOAT32 = 4;
/** Of the memory that is free, at most this part for weights in full. */
const SHARE_OF_MEMORY = 0.4;

function hasQuantized(model: nn.Module): boolean {
  return model
    .namedModules()
    .some(([, module]) => module instanceof nn.QuantizedLinear || module instanceof nn.QuantizedEmbedding);
}

/**
 * Keeps quantized weights as float32 if that was asked for or is faster: MLX's quantized products on a CPU are not
 * vectorized, and take ten times as long as those of the BLAS. Tells which of the two it is.
 */
export function applyPolicy(model: CausalModel, policy: WeightsPolicy): 'stored' | 'dequantized' {
  if (policy === 'stored' || !hasQuantized(model)) return 'stored';
  const isCpu = mx.defaultDevice() === mx.cpu;
  const fits = totalParameters(model) * BYTES_OF_FLOAT32 <= SHARE_OF_MEMORY * freemem();
  if (policy === 'auto' && !(isCpu && fits)) return 'stored';
  dequantizeModel(model);
  castModel(model, mx.float32);
  return 'dequantized';
}
