import { ArgumentError } from '../../foundation/errors/errors.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeUnflatten } from '../../mlx/utils/index.ts';
import type { CausalModel } from '../models/model.ts';
import { QuantizedSwitchLinear, SwitchLinear } from '../models/switch-layers.ts';
import { DoRAEmbedding, DoRALinear } from './dora.ts';
import { LoRAEmbedding, LoRALinear, type LoraSettings } from './lora.ts';
import { LoRASwitchLinear } from './lora-switch.ts';

const OPERATION = 'lm.linearToLoraLayers';

export interface LoraParameters extends Omit<LoraSettings, 'dropout'> {
  /** Default: 0. */
  readonly dropout?: number | undefined;
  /** The layers' paths, within a block or within the model: `self_attn.q_proj`. Default: all that can be adapted. */
  readonly keys?: readonly string[] | null | undefined;
}

export interface LoraOptions {
  /** Whether the lengths of the rows are learned by themselves. Default: false. */
  readonly useDora?: boolean | undefined;
}

const ADAPTABLE = [
  ...[nn.Linear, nn.QuantizedLinear, nn.Embedding, nn.QuantizedEmbedding],
  ...[SwitchLinear, QuantizedSwitchLinear],
];

function adapted(path: string, layer: nn.Module, settings: LoraSettings, useDora: boolean): nn.Module {
  if (layer instanceof nn.Linear || layer instanceof nn.QuantizedLinear) {
    return useDora ? new DoRALinear(layer, settings) : new LoRALinear(layer, settings);
  }
  if (layer instanceof nn.Embedding || layer instanceof nn.QuantizedEmbedding) {
    return useDora ? new DoRAEmbedding(layer, settings) : new LoRAEmbedding(layer, settings);
  }
  const isSwitch = layer instanceof SwitchLinear || layer instanceof QuantizedSwitchLinear;
  if (isSwitch && !useDora) return new LoRASwitchLinear(layer, settings);
  const kind = useDora ? 'DoRA' : 'LoRA';
  throw new ArgumentError(`a ${layer.constructor.name}, "${path}", has no form with ${kind}; leave it out of "keys"`, {
    operation: OPERATION,
  });
}

/** @throws ArgumentError for what is no settings of low-rank layers */
function checkedSettings(parameters: LoraParameters): LoraSettings {
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation: OPERATION });
  };
  if (typeof parameters !== 'object' || parameters === null) {
    return fail('expected an object of rank, scale, dropout and keys');
  }
  const { rank, scale, dropout = 0, keys } = parameters;
  if (!Number.isSafeInteger(rank) || rank < 1)
    fail(`expected a whole number of at least 1 for "rank", received ${rank}`);
  if (scale === undefined && 'alpha' in parameters) {
    fail('expected a number for "scale"; "alpha" of other libraries is scale · rank');
  }
  if (typeof scale !== 'number' || !Number.isFinite(scale)) {
    fail(`expected a finite number for "scale", received ${scale}`);
  }
  if (!(dropout >= 0 && dropout < 1)) fail(`expected a probability below 1 for "dropout", received ${dropout}`);
  if (keys && !(Array.isArray(keys) && keys.every((key) => typeof key === 'string'))) {
    fail(`expected a list of paths for "keys", received ${JSON.stringify(keys)}`);
  }
  return { rank, scale, dropout };
}

/** The last blocks of a model: so many, or all of 0 or less. */
export function lastLayers(model: CausalModel, count: number, operation: string): readonly nn.Module[] {
  const { layers } = model;
  if (!Number.isSafeInteger(count) || count > layers.length) {
    throw new ArgumentError(
      `expected a whole number of layers up to the model's ${layers.length}, or -1 for all, received ${count}`,
      { operation },
    );
  }
  return count <= 0 ? layers : layers.slice(-count);
}

/**
 * Puts LoRA or DoRA layers in the places of layers: in the last blocks, and elsewhere in the model where `keys` names whole
 * paths. Freeze the model before, so that only what they add is trained. They draw from the random sequence what mlx_lm
 * draws.
 * @param numLayers how many blocks, from the last one; 0 or less: all
 * @throws ArgumentError for settings that cannot be, and where `keys` names no layer; then nothing was changed
 */
export function linearToLoraLayers(
  model: CausalModel,
  numLayers: number,
  parameters: LoraParameters,
  { useDora = false }: LoraOptions = {},
): void {
  const settings = checkedSettings(parameters);
  const blocks = lastLayers(model, numLayers, OPERATION);
  const keys = new Set(parameters.keys ?? model.layers.flatMap(adaptablePaths));
  const isChosen = ([path]: [string, nn.Module]): boolean => keys.has(path);
  const inBlocks = blocks.map((block) => [block, block.namedModules().filter(isChosen)] as const);
  const inModel = (): [string, nn.Module][] => model.namedModules().filter(isChosen);
  if (inModel().length === 0 && inBlocks.every(([, chosen]) => chosen.length === 0)) {
    const known = [...new Set(blocks.flatMap(adaptablePaths))].join(', ');
    throw new ArgumentError(`"keys" names no layer of the model; its blocks have ${known}`, { operation: OPERATION });
  }
  const replace = (parent: nn.Module, chosen: readonly [string, nn.Module][]): void => {
    const made = chosen.map(([path, layer]) => [path, adapted(path, layer, settings, useDora)] as const);
    if (made.length > 0) parent.updateModules(treeUnflatten<object>(made));
  };
  for (const [block, chosen] of inBlocks) replace(block, chosen);
  replace(model, inModel());
}

function adaptablePaths(block: nn.Module): string[] {
  return block
    .namedModules()
    .filter(([, module]) => ADAPTABLE.some((type) => module instanceof type))
    .map(([path]) => path);
}
