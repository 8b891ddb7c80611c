import type * as nn from '../../mlx/nn/index.ts';
import { treeUnflatten } from '../../mlx/utils/index.ts';
import { buildModel } from '../loading/build.ts';
import type { CausalModel } from '../models/model.ts';
import { loadAdapters } from '../training/adapters.ts';
import type { FuseLayerOptions, Fusible } from '../training/lora.ts';
import { withoutQuantization, writeModelFolder } from './convert.ts';
import { checkSource, checkTarget } from './folder.ts';
import { dequantizeModel } from './quantize.ts';
import type { SaveWeightsOptions } from './shards.ts';
import { openSource } from './source.ts';

const OPERATION = 'lm.fuse';

export interface FuseOptions extends FuseLayerOptions {
  /** The folder or the .gguf file of the model that was trained. */
  readonly from: string;
  /** The folder of the adapters. */
  readonly adapters: string;
  /** A folder that is not there yet. */
  readonly to: string;
  readonly onFile?: SaveWeightsOptions['onFile'];
}

const isFusible = (module: nn.Module): module is Fusible => 'fuse' in module && typeof module.fuse === 'function';

/**
 * Puts plain layers in the places of those with adapters, which compute the same. Quantized layers are quantized again,
 * unless `dequantize` says that all of the model's become plain ones.
 * @returns how many layers had adapters
 */
export function fuseLayers(model: CausalModel, options: FuseLayerOptions = {}): number {
  const fused = model.namedModules().flatMap(([path, module]) => (isFusible(module) ? [[path, module] as const] : []));
  const layers = fused.map(([path, module]) => [path, module.fuse(options)] as const);
  if (layers.length > 0) model.updateModules(treeUnflatten<object>(layers));
  if (options.dequantize) dequantizeModel(model);
  return layers.length;
}

/**
 * Writes a model with its adapters in its weights, which needs no adapters any more.
 * @throws FileError for adapters of another model, ArgumentError for a target that is there
 */
export async function fuse(options: FuseOptions): Promise<{ readonly folder: string; readonly layers: number }> {
  const from = await openSource(options.from, 'from', OPERATION);
  const adapters = await checkSource(options.adapters, 'adapters', OPERATION);
  const to = await checkTarget(options.to, OPERATION);
  const { config } = from;
  const model = buildModel(config, await from.weights(), from.where);
  await loadAdapters(model, adapters);
  const layers = fuseLayers(model, options);
  const written = options.dequantize ? withoutQuantization(config) : config;
  await writeModelFolder(to, from, model, written, { donate: true, onFile: options.onFile });
  return { folder: to, layers };
}
