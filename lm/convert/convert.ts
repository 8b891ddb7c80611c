import { join } from 'node:path';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { RawConfig } from '../config/fields.ts';
import { buildModel } from '../loading/build.ts';
import { checkTarget, withNewFolder, writeConfig } from './folder.ts';
import {
  type ConvertibleModel,
  castModel,
  completeChoice,
  dequantizeModel,
  type QuantizationChoice,
  quantizeModel,
} from './quantize.ts';
import { type QuantizationRecipe, recipePredicate } from './recipes.ts';
import { bitsPerWeight, type SaveWeightsOptions, saveWeights, totalParameters } from './shards.ts';
import { type ModelSource, openSource } from './source.ts';

const OPERATION = 'lm.convert';
const DTYPES = { float16: mx.float16, bfloat16: mx.bfloat16, float32: mx.float32 } as const;

/** The dtypes that weights are converted to. */
export type ConversionDtype = keyof typeof DTYPES;

export interface ConvertOptions {
  /** The folder of a model in Hugging Face's layout, or a .gguf file. */
  readonly from: string;
  /** A folder that is not there yet. */
  readonly to: string;
  /** How to quantize; absent: not at all. */
  readonly quantize?: QuantizationChoice | undefined;
  /** Different numbers of bits for different layers; quantizes, though `quantize` is absent. */
  readonly recipe?: QuantizationRecipe | undefined;
  /** Of the weights that are not quantized. Default: the config's `torch_dtype`, or their own. */
  readonly dtype?: ConversionDtype | undefined;
  /** Whether quantized layers become plain ones. */
  readonly dequantize?: boolean | undefined;
  readonly onFile?: SaveWeightsOptions['onFile'];
  /** For files of weights smaller than 5 GiB. */
  readonly shardBytes?: number | undefined;
}

export interface ConvertResult {
  readonly folder: string;
  readonly parameters: number;
  readonly bitsPerWeight: number;
  readonly config: RawConfig;
}

function checkOptions({ quantize, recipe, dtype, dequantize, shardBytes }: ConvertOptions): void {
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation: OPERATION });
  };
  if (dtype !== undefined && !Object.hasOwn(DTYPES, dtype)) {
    fail(`expected one of ${Object.keys(DTYPES).join(', ')} for "dtype", received ${JSON.stringify(dtype)}`);
  }
  if (dequantize && (quantize !== undefined || recipe !== undefined)) {
    fail('either "quantize" or "dequantize" is given, not both');
  }
  if (recipe !== undefined && (quantize?.mode ?? 'affine') !== 'affine') {
    fail(`recipes quantize in the mode "affine" only, received "${quantize?.mode}"`);
  }
  if (shardBytes !== undefined && !(shardBytes > 0)) fail(`expected a number above 0 for "shardBytes"`);
}

/** The dtype that a config asks for, where nothing else is said. */
function dtypeOf(config: RawConfig): mx.Dtype | undefined {
  const text = config['text_config'] as RawConfig | undefined;
  const name = config['torch_dtype'] ?? text?.['dtype'];
  return typeof name === 'string' && Object.hasOwn(DTYPES, name) ? DTYPES[name as ConversionDtype] : undefined;
}

/**
 * Writes a model anew: in MLX's files of weights, quantized, dequantized, or of another dtype. What it writes is read by
 * mlx_lm, too. Weights are read, converted and written file by file.
 * @throws ArgumentError for options that contradict each other, and for a target that is there; nothing is left half
 * written
 */
export async function convert(options: ConvertOptions): Promise<ConvertResult> {
  checkOptions(options);
  const from = await openSource(options.from, 'from', OPERATION);
  const to = await checkTarget(options.to, OPERATION);
  const original = from.config;
  const model: ConvertibleModel = buildModel(original, await from.weights(), from.where);
  const dtype = options.dtype === undefined ? dtypeOf(original) : DTYPES[options.dtype];
  if (dtype !== undefined) castModel(model, dtype);
  const config = changed(model, original, options);
  const result = { folder: to, parameters: totalParameters(model), bitsPerWeight: bitsPerWeight(model), config };
  await writeModelFolder(to, from, model, config, { ...options, donate: true });
  return result;
}

function changed(model: ConvertibleModel, config: RawConfig, options: ConvertOptions): RawConfig {
  const { quantize, recipe, dequantize } = options;
  if (dequantize) {
    dequantizeModel(model);
    return withoutQuantization(config);
  }
  if (recipe !== undefined) {
    const choice = { ...quantize, groupSize: completeChoice(quantize ?? {}).groupSize };
    return quantizeModel(model, config, choice, recipePredicate(recipe, model, choice.groupSize));
  }
  return quantize === undefined ? config : quantizeModel(model, config, quantize);
}

export function withoutQuantization(config: RawConfig): RawConfig {
  const { quantization, quantization_config, ...rest } = config;
  return rest;
}

/** A whole folder: weights, index, config, and what belongs to the model where it came from. */
export async function writeModelFolder(
  to: string,
  from: Pick<ModelSource, 'writeCompanions'>,
  model: ConvertibleModel,
  config: RawConfig,
  options: SaveWeightsOptions,
): Promise<void> {
  await withNewFolder(to, async (folder) => {
    await saveWeights(folder, model, options);
    await writeConfig(join(folder, 'config.json'), config);
    await from.writeCompanions(folder);
  });
}

/** A folder of a model that there are no other files of: weights, index and config. */
export async function saveModel(to: string, model: ConvertibleModel, config: RawConfig): Promise<void> {
  await withNewFolder(to, async (folder) => {
    await saveWeights(folder, model);
    await writeConfig(join(folder, 'config.json'), config);
  });
}
