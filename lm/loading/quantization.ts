import { FileError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { ConfigFields, RawConfig } from '../config/fields.ts';
import type { NamedWeights } from '../models/model.ts';

/** The settings of containers whose weights MLX reads as they are, by `quant_method`. */
const METHODS: Readonly<Record<string, RawConfig>> = {
  mxfp4: { group_size: 32, bits: 4, mode: 'mxfp4' },
  mxfp8: { group_size: 32, bits: 8, mode: 'mxfp8' },
};

/** Modes other than affine have scales of bytes, and one size of groups for each number of bits. */
const BYTE_MODES: Readonly<Record<string, nn.QuantizationMode>> = { '4/16': 'nvfp4', '4/32': 'mxfp4', '8/32': 'mxfp8' };

/** How the weights of a folder are quantized; undefined if they are not. */
export function quantizationOf(config: ConfigFields): ConfigFields | undefined {
  const own = config.object('quantization');
  if (own !== undefined) return own;
  const foreign = config.object('quantization_config') ?? config.object('text_config')?.object('quantization_config');
  if (foreign === undefined) return undefined;
  if (!foreign.has('quant_method') && foreign.has('group_size')) return foreign;
  const method = foreign.text('quant_method');
  const known = METHODS[method];
  if (known === undefined) {
    throw foreign.error(
      `weights quantized by "${method}" are not read here (${Object.keys(METHODS).join(', ')} and MLX's own are); ` +
        'use implementation: "python", or weights that mlx_lm has converted',
    );
  }
  return new (config.constructor as typeof ConfigFields)(known);
}

function optionsOf(fields: RawConfig): nn.QuantizeOptions {
  const { group_size: groupSize, bits, mode = 'affine' } = fields;
  return { groupSize, bits, mode } as nn.QuantizeOptions;
}

/** From the shapes in the file, where the config does not name the layer. */
function inferred(path: string, module: nn.Module, weights: NamedWeights): nn.QuantizeOptions {
  const scales = weights[`${path}.scales`] as mx.Array;
  const packed = weights[`${path}.weight`];
  const width = (module as unknown as { weight: mx.Array }).weight.shape.at(-1) as number;
  if (packed === undefined) throw new FileError(`the weights have "${path}.scales" and no "${path}.weight"`);
  const groupSize = Math.floor(width / (scales.shape.at(-1) as number));
  const bits = Math.floor(((packed.shape.at(-1) as number) * 32) / width);
  if (scales.dtype !== mx.uint8) return { groupSize, bits, mode: 'affine' };
  const mode = BYTE_MODES[`${bits}/${groupSize}`];
  if (mode === undefined) {
    throw new FileError(`no quantization of MLX has ${bits} bits in groups of ${groupSize}, as "${path}" has`);
  }
  return { groupSize, bits, mode };
}

/** Puts quantized layers where the weights are quantized. */
export function quantizeAsStored(model: nn.Module, quantization: ConfigFields, weights: NamedWeights): void {
  const classPredicate = (path: string, module: nn.Module): boolean | nn.QuantizeOptions => {
    const own = quantization.values[path];
    if (own === false) return false;
    if (typeof own === 'object' && own !== null) return optionsOf(own as RawConfig);
    if (!('toQuantized' in module) || weights[`${path}.scales`] === undefined) return false;
    return inferred(path, module, weights);
  };
  nn.quantize(model, { ...optionsOf(quantization.values), classPredicate });
}
