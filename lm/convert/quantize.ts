import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten, treeMapWithPath, treeUnflatten } from '../../mlx/utils/index.ts';
import type { RawConfig } from '../config/fields.ts';
import type { CausalModel } from '../models/model.ts';
import { QuantizedSwitchLinear, SwitchLinear } from '../models/switch-layers.ts';

/** What an architecture may say about how it is converted. */
export interface ConvertibleModel extends CausalModel {
  /** Whether a layer is quantized, or how, where nothing else is said. */
  quantPredicate?(path: string, module: nn.Module): boolean | nn.QuantizeOptions;
  /** Whether a weight may have another dtype than its own. */
  castPredicate?(path: string): boolean;
}

const DEFAULTS = { affine: [64, 4], mxfp4: [32, 4], nvfp4: [16, 4], mxfp8: [32, 8] } as const;

export interface QuantizationChoice {
  /** Bits of each weight. Default: 4; 8 of `mxfp8`. */
  readonly bits?: number | undefined;
  /** How many weights share a scale. Default: 64; 32 of `mxfp4` and `mxfp8`, 16 of `nvfp4`. */
  readonly groupSize?: number | undefined;
  /** Default: `affine`. */
  readonly mode?: nn.QuantizationMode | undefined;
}

interface CompleteChoice {
  readonly groupSize: number;
  readonly bits: number;
  readonly mode: nn.QuantizationMode;
}

/** @throws ArgumentError for a mode that there is not */
export function completeChoice({ bits, groupSize, mode = 'affine' }: QuantizationChoice): CompleteChoice {
  if (!Object.hasOwn(DEFAULTS, mode)) {
    throw new ArgumentError(`no mode is named "${mode}"; there are ${Object.keys(DEFAULTS).join(', ')}`, {
      operation: 'lm.convert',
    });
  }
  const [usualSize, usualBits] = DEFAULTS[mode];
  return { groupSize: groupSize ?? usualSize, bits: bits ?? usualBits, mode };
}

const inConfig = ({ groupSize, bits, mode }: nn.QuantizeOptions): RawConfig => ({ group_size: groupSize, bits, mode });

/**
 * Quantizes the layers of a model that can be and whose width is a multiple of the group's size.
 * @returns the config with what was done
 */
export function quantizeModel(
  model: ConvertibleModel,
  config: RawConfig,
  choice: QuantizationChoice,
  predicate = model.quantPredicate?.bind(model),
): RawConfig {
  const how = completeChoice(choice);
  // Of a model some of whose layers are quantized already, what is done now is said layer by layer.
  const before = config['quantization'] as RawConfig | undefined;
  const quantization: Record<string, unknown> = { ...(before ?? inConfig(how)) };
  const classPredicate = (path: string, module: nn.Module): boolean | nn.QuantizeOptions => {
    if (!('toQuantized' in module)) return false;
    const { weight } = module as unknown as { readonly weight: mx.Array };
    if ((weight.shape.at(-1) as number) % how.groupSize !== 0) return false;
    const chosen = predicate?.(path, module) ?? true;
    if (typeof chosen === 'object') quantization[path] = inConfig(chosen);
    else if (before !== undefined && chosen) quantization[path] = inConfig(how);
    return chosen;
  };
  replacing(model, () => nn.quantize(model, { ...how, classPredicate }));
  return { ...config, quantization, quantization_config: quantization };
}

/** The weight of a quantized layer in full. */
export function dequantizedWeight(layer: nn.QuantizedLinear | nn.QuantizedEmbedding | QuantizedSwitchLinear): mx.Array {
  const { weight, scales, biases = null, groupSize, bits, mode } = layer;
  return mx.dequantize(weight, scales, biases, { groupSize, bits, mode });
}

/** A linear layer of given arrays. */
export function linearOf(weight: mx.Array, bias?: mx.Array): nn.Linear {
  const [output, input] = weight.shape as [number, number];
  const layer = new nn.Linear(input, output, { bias: false });
  layer.weight = weight;
  if (bias !== undefined) layer.bias = bias;
  return layer;
}

/** An embedding of a given table. */
export function embeddingOf(weight: mx.Array): nn.Embedding {
  const [count, dims] = weight.shape as [number, number];
  const layer = new nn.Embedding(count, dims);
  layer.weight = weight;
  return layer;
}

/** Linear layers of experts of given weights. */
export function switchOf(weight: mx.Array): SwitchLinear {
  const [experts, output, input] = weight.shape as [number, number, number];
  const layer = new SwitchLinear(input, output, experts);
  layer.weight = weight;
  return layer;
}

/** Puts plain layers in the places of quantized ones. @throws ArgumentError for a layer of which it is not known how. */
export function dequantizeModel(model: nn.Module): void {
  const layers: [string, nn.Module][] = [];
  for (const [path, module] of model.namedModules()) {
    if (module instanceof nn.QuantizedLinear) layers.push([path, linearOf(dequantizedWeight(module), module.bias)]);
    else if (module instanceof nn.QuantizedEmbedding) layers.push([path, embeddingOf(dequantizedWeight(module))]);
    else if (module instanceof QuantizedSwitchLinear) layers.push([path, switchOf(dequantizedWeight(module))]);
    else if ('bits' in module && 'scales' in module) {
      const name = module.constructor.name;
      throw new ArgumentError(`it is not known how a ${name}, "${path}", is dequantized`, { operation: 'lm.convert' });
    }
  }
  if (layers.length > 0) replacing(model, () => model.updateModules(treeUnflatten<object>(layers)));
}

/** Gives floating-point weights another dtype, but those that the architecture keeps. */
export function castModel(model: ConvertibleModel, dtype: mx.Dtype): void {
  const cast = (path: string, array: mx.Array): mx.Array =>
    mx.issubdtype(array.dtype, mx.floating) && (model.castPredicate?.(path) ?? true) ? array.astype(dtype) : array;
  replacing(model, () => model.update(treeMapWithPath<object>(cast as never, model.parameters())));
}

/** Changes a model, and lets go of the arrays that it has no more: what replaces them reads them once, file by file. */
function replacing(model: nn.Module, change: () => void): void {
  const arrays = (): mx.Array[] => treeFlatten<mx.Array>(model.parameters()).map(([, array]) => array);
  const before = arrays();
  change();
  const after = new Set(arrays());
  for (const array of new Set(before)) if (!after.has(array)) array.dispose();
}
