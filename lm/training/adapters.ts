import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { core as mx } from '../../mlx/index.ts';
import type * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import type { RawConfig } from '../config/fields.ts';
import { readJson } from '../config/read-config.ts';
import { writeConfig } from '../convert/folder.ts';
import type { CausalModel, NamedWeights } from '../models/model.ts';
import { type LoraParameters, lastLayers, linearToLoraLayers } from './lora-layers.ts';

export const ADAPTERS = 'adapters.safetensors';
const CONFIG = 'adapter_config.json';
const TYPES = ['lora', 'dora', 'full'] as const;
const LEAVES = /(^|\.)(lora_a|lora_b|m)$/;

export type FineTuneType = (typeof TYPES)[number];

/** What is trained, and how. */
export interface AdapterConfig {
  /** Low-rank layers, such with learned lengths, or the weights themselves. */
  readonly fineTuneType: FineTuneType;
  /** How many blocks, from the last one; 0 or less: all. */
  readonly numLayers: number;
  /** Of the types `lora` and `dora`. */
  readonly loraParameters?: LoraParameters | undefined;
}

/** Freezes a model but for what is trained, and puts low-rank layers into it. Draws what mlx_lm draws. */
export function prepareFineTuning(model: CausalModel, config: AdapterConfig): void {
  const { fineTuneType, numLayers, loraParameters } = config;
  const blocks = lastLayers(model, numLayers, 'lm.prepareFineTuning');
  model.freeze();
  if (fineTuneType !== 'full') {
    linearToLoraLayers(model, numLayers, loraParameters as LoraParameters, { useDora: fineTuneType === 'dora' });
    return;
  }
  for (const block of blocks) {
    block.unfreeze();
    // Packed weights are integers, which have no gradients.
    for (const module of block.modules()) if ('bits' in module && 'scales' in module) module.freeze({ recurse: false });
  }
}

/** Writes `adapter_config.json` as mlx_lm does, with more fields of the caller's. */
export async function saveAdapterConfig(folder: string, config: AdapterConfig, more: RawConfig = {}): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { rank, scale, dropout = 0, keys } = config.loraParameters ?? {};
  await writeConfig(join(folder, CONFIG), {
    ...more,
    fine_tune_type: config.fineTuneType,
    num_layers: config.numLayers,
    lora_parameters: config.fineTuneType === 'full' ? null : { rank, dropout, scale, ...(keys && { keys }) },
  });
}

/** @throws FileError for an adapter_config.json that lacks something */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const config = await readJson(folder, CONFIG);
  const fail = (message: string): never => {
    throw new FileError(`${join(folder, CONFIG)}: ${message}`);
  };
  if (config === undefined) {
    throw new FileError(
      `${folder} has no ${CONFIG}; expected a folder of adapters that mlx-router or mlx_lm has written`,
    );
  }
  const fineTuneType = (config['fine_tune_type'] ?? 'lora') as FineTuneType;
  if (!TYPES.includes(fineTuneType)) {
    fail(`expected ${TYPES.join(', ')} for "fine_tune_type", received ${JSON.stringify(fineTuneType)}`);
  }
  const numLayers = config['num_layers'] ?? (fineTuneType === 'full' ? -1 : undefined);
  if (!Number.isSafeInteger(numLayers)) {
    fail(`expected a whole number for "num_layers", received ${JSON.stringify(numLayers)}`);
  }
  const loraParameters = (config['lora_parameters'] ?? undefined) as LoraParameters | undefined;
  if (fineTuneType !== 'full' && (typeof loraParameters !== 'object' || Array.isArray(loraParameters))) {
    fail(`expected an object for "lora_parameters", received ${JSON.stringify(loraParameters)}`);
  }
  return { fineTuneType, numLayers: numLayers as number, loraParameters };
}

/** The arrays of a file of adapters. @throws FileError that names the file */
export function readAdapters(file: string): NamedWeights {
  try {
    return mx.load(file as `${string}.safetensors`) as NamedWeights;
  } catch (error) {
    throw new FileError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Puts the low-rank layers that a folder describes into a model, with their weights; or, of the type `full`, other weights.
 * The folder is one that `train`, the command `lora` or mlx_lm has written.
 * @throws FileError for files that are missing, damaged, or of another model
 */
export async function loadAdapters<Model extends CausalModel>(model: Model, folder: string): Promise<Model> {
  const config = await readAdapterConfig(folder);
  const weights = readAdapters(join(folder, ADAPTERS));
  if (config.fineTuneType !== 'full') {
    const isTraining = model.training;
    linearToLoraLayers(model, config.numLayers, config.loraParameters as LoraParameters, {
      useDora: config.fineTuneType === 'dora',
    });
    model.train(isTraining);
  }
  updateWith(model, weights, join(folder, ADAPTERS), (name) => config.fineTuneType === 'full' || LEAVES.test(name));
  return model;
}

/** Begins with the weights of a file of adapters: of those layers that are there. @throws FileError if they do not fit */
export function loadAdapterFile(model: CausalModel, file: string): void {
  const own = new Set(treeFlatten(model.trainableParameters()).map(([name]) => name));
  updateWith(model, readAdapters(file), file, (name) => own.has(name));
}

/** Replaces some weights of a model. @throws FileError that lists those that have no place */
export function updateWith(
  model: nn.Module,
  weights: NamedWeights,
  file: string,
  isAllowed: (name: string) => boolean,
): void {
  const parameters = new Map(treeFlatten<mx.Array>(model.parameters()));
  const problems: string[] = [];
  for (const [name, { shape }] of Object.entries(weights)) {
    const own = isAllowed(name) ? parameters.get(name) : undefined;
    if (own === undefined) problems.push(`  ${name}: the model has no such adapter`);
    else if (String(own.shape) !== String(shape)) {
      problems.push(`  ${name}: expected the shape [${own.shape}], received [${shape}]`);
    }
  }
  if (problems.length > 0) {
    const shown = problems.length > 10 ? [...problems.slice(0, 10), `  … and ${problems.length - 10} more`] : problems;
    throw new FileError(`${file} does not fit the model:\n${shown.join('\n')}`);
  }
  model.loadWeights(weights, { strict: false });
}
