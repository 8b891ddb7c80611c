import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten, treeMap } from '../../mlx/utils/index.ts';
import type { NamedWeights } from '../models/model.ts';

/** How large a file of weights gets: 5 GiB, as mlx_lm has it. */
const SHARD_BYTES = 5 * 2 ** 30;

export interface SaveWeightsOptions {
  /** How many bytes of weights one file has at most, unless a single weight has more. Default: 5 GiB. */
  readonly shardBytes?: number | undefined;
  /**
   * Whether the model is used no more afterwards. Its weights are freed file by file, so that the whole of a model that
   * was read lazily is never in memory.
   */
  readonly donate?: boolean | undefined;
  /** Called after each file. */
  readonly onFile?: ((done: number, total: number) => void) | undefined;
}

function shardsOf(weights: readonly (readonly [string, mx.Array])[], limit: number): NamedWeights[] {
  const shards: NamedWeights[] = [];
  let bytes = 0;
  for (const [name, array] of weights) {
    if (shards.length === 0 || bytes + array.nbytes > limit) {
      shards.push({});
      bytes = 0;
    }
    (shards.at(-1) as NamedWeights)[name] = array;
    bytes += array.nbytes;
  }
  return shards;
}

/** How many parameters a model has; those of quantized layers as many as they had before. */
export function totalParameters(model: nn.Module): number {
  const leaves = treeFlatten<nn.Module>(model.leafModules(), { isLeaf: nn.Module.isModule });
  let total = 0;
  for (const [, module] of leaves) {
    const { bits, weight, bias } = module as nn.Module & { bits?: number; weight: mx.Array; bias?: mx.Array };
    if (typeof bits === 'number') total += (bias?.size ?? 0) + Math.floor((weight.size * 32) / bits);
    else for (const [, array] of treeFlatten<mx.Array>(module.parameters())) total += array.size;
  }
  return total;
}

/** How many bits a model takes for each of its parameters. */
export function bitsPerWeight(model: nn.Module): number {
  const bytes = treeFlatten<mx.Array>(model.parameters()).reduce((sum, [, { nbytes }]) => sum + nbytes, 0);
  return (bytes * 8) / totalParameters(model);
}

/** Writes `model.safetensors`, or as many files as it takes, and their index into a folder that is there. */
export async function saveWeights(folder: string, model: nn.Module, options: SaveWeightsOptions = {}): Promise<void> {
  const { shardBytes = SHARD_BYTES, donate = false, onFile } = options;
  const weights = treeFlatten<mx.Array>(model.parameters());
  const shards = shardsOf(weights, shardBytes);
  const metadata = {
    total_size: weights.reduce((sum, [, { nbytes }]) => sum + nbytes, 0),
    total_parameters: totalParameters(model),
  };
  const places: [string, string][] = [];
  if (donate) model.update(treeMap(() => mx.array([]), model.parameters()));
  for (const [index, shard] of shards.entries()) {
    const number = (value: number): string => String(value).padStart(5, '0');
    const file =
      shards.length === 1 ? 'model.safetensors' : `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    await mx.saveSafetensorsAsync(join(folder, file), shard, { format: 'mlx' });
    for (const name of Object.keys(shard)) places.push([name, file]);
    if (donate) {
      // What several places share may be needed in a later file.
      const later = new Set(shards.slice(index + 1).flatMap((other) => Object.values(other)));
      for (const array of new Set(Object.values(shard))) if (!later.has(array)) array.dispose();
      mx.clearCache();
    }
    onFile?.(index + 1, shards.length);
  }
  places.sort(([a], [b]) => (a < b ? -1 : 1));
  const index = { metadata, weight_map: Object.fromEntries(places) };
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index, null, 4));
}
