import { freemem } from 'node:os';
import { internals, core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { castModel, dequantizeModel } from '../convert/quantize.ts';
import { totalParameters } from '../convert/shards.ts';
import type { CausalModel } from '../models/model.ts';
import { QuantizedSwitchLinear } from '../models/switch-layers.ts';

export const WEIGHTS_POLICIES = ['auto', 'stored', 'float32', 'dequantized'] as const;

/**
 * How the weights of a quantized model are kept: `stored`, as they are in the file; `float32`, quantized, with scales,
 * biases and all other weights as float32; `dequantized`, all as float32; or `auto`, which on a CPU takes what is fast
 * there.
 */
export type WeightsPolicy = (typeof WEIGHTS_POLICIES)[number];

/** How they are kept then. */
export type KeptWeights = Exclude<WeightsPolicy, 'auto'>;

const BYTES_OF_FLOAT32 = 4;
/** Of the memory that is free, at most this part for weights in full. */
const SHARE_OF_MEMORY = 0.4;

type Quantized = nn.QuantizedLinear | nn.QuantizedEmbedding | QuantizedSwitchLinear;

const quantizedLayers = (model: nn.Module): Quantized[] =>
  model
    .modules()
    .filter(
      (module): module is Quantized =>
        module instanceof nn.QuantizedLinear ||
        module instanceof nn.QuantizedEmbedding ||
        module instanceof QuantizedSwitchLinear,
    );

/**
 * The fast way of quantized weights. On a CPU with kernels for their products it is to keep them and compute in float32,
 * whose arithmetic is vectorized; without kernels MLX takes one value at a time, and the BLAS is faster by far.
 */
function fastest(layers: readonly Quantized[], model: CausalModel): KeptWeights {
  if (mx.defaultDevice() !== mx.cpu) return 'stored';
  const hasKernels = internals.nativeBackend.status(true).details['quantizedKernels'] === true;
  if (hasKernels && layers.every(({ mode }) => mode === 'affine')) return 'float32';
  return totalParameters(model) * BYTES_OF_FLOAT32 <= SHARE_OF_MEMORY * freemem() ? 'dequantized' : 'stored';
}

/** Keeps the weights of a quantized model so. Of any other model they stay as they are stored. */
export function applyPolicy(model: CausalModel, policy: WeightsPolicy): KeptWeights {
  const layers = quantizedLayers(model);
  if (layers.length === 0) return 'stored';
  const way = policy === 'auto' ? fastest(layers, model) : policy;
  if (way === 'dequantized') dequantizeModel(model);
  if (way !== 'stored') castModel(model, mx.float32);
  return way;
}
