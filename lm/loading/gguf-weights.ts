import { core as mx } from '../../mlx/index.ts';
import type { GgufMetadata } from '../tokenizer/gguf-metadata.ts';
import type { GgufArchitecture } from './gguf-architectures.ts';

type Arrays = Readonly<Record<string, mx.Array>>;
type Config = Record<string, unknown>;

/** Derived by every model from its config. */
const NOT_WEIGHTS = /^(rope_freqs\.weight|blk\.\d+\.attn_rot_embd\.weight|.*\.rotary_emb\.inv_freq)$/;

/**
 * The weights by their names in Hugging Face's models, their rows in the order that these have. Where some are
 * quantized, `config.quantization` says how each of them is.
 */
export function ggufWeights(
  metadata: GgufMetadata,
  architecture: GgufArchitecture,
  arrays: Arrays,
  config: Config,
): Record<string, mx.Array> {
  const weights: Record<string, mx.Array> = {};
  const layers = config.num_hidden_layers as number;
  for (const [name, array] of Object.entries(arrays)) {
    if (NOT_WEIGHTS.test(name)) continue;
    const { key, tensor } = hubName(name, architecture, layers) ?? metadata.fail(`it has a tensor "${name}"`);
    const heads = architecture.interleavesHeads ? headsOf(tensor, config) : undefined;
    weights[key] = heads === undefined ? array : halvesApart(metadata, name, array, heads);
  }
  const quantization = quantizationOf(weights);
  if (quantization !== undefined) config.quantization = quantization;
  return weights;
}

function hubName(
  name: string,
  { tensors, layerTensors }: GgufArchitecture,
  layers: number,
): { key: string; tensor: string } | undefined {
  const [, layer, tensor, part] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias|scales|biases)$/.exec(name) ?? [];
  if (tensor === undefined || (layer !== undefined && Number(layer) >= layers)) return undefined;
  const names = layer === undefined ? tensors : layerTensors;
  const module = Object.hasOwn(names, tensor) ? names[tensor] : undefined;
  if (module === undefined) return undefined;
  return { key: `${layer === undefined ? '' : `model.layers.${layer}.`}${module}.${part}`, tensor };
}

function headsOf(tensor: string, config: Config): number | undefined {
  if (tensor === 'attn_q') return config.num_attention_heads as number;
  return tensor === 'attn_k' ? (config.num_key_value_heads as number) : undefined;
}

/** Rows 0, 2, 4, … of each head come first, then 1, 3, 5, …, which is how Hugging Face's models rotate them. */
function halvesApart(metadata: GgufMetadata, name: string, array: mx.Array, heads: number): mx.Array {
  const [rows, ...rest] = array.shape as [number, ...number[]];
  if (!Number.isInteger(rows / heads / 2)) metadata.fail(`"${name}" has ${rows} rows for ${heads} heads`);
  const pairs = mx.reshape(array, [heads, rows / heads / 2, 2, ...rest]);
  return mx.reshape(mx.swapaxes(pairs, 1, 2), [rows, ...rest]);
}

const GROUP_SIZE = 32;

/** As mlx_lm's config.json: what most weights have, and beside it each that differs, by its module. */
function quantizationOf(weights: Arrays): Record<string, unknown> | undefined {
  const bits = new Map<string, number>();
  for (const [name, scales] of Object.entries(weights)) {
    if (!name.endsWith('.scales')) continue;
    const module = name.slice(0, -'.scales'.length);
    const packed = weights[`${module}.weight`]?.shape.at(-1) as number;
    bits.set(module, (packed * 32) / ((scales.shape.at(-1) as number) * GROUP_SIZE));
  }
  if (bits.size === 0) return undefined;
  const counts = new Map<number, number>();
  for (const count of bits.values()) counts.set(count, (counts.get(count) ?? 0) + 1);
  const [usual] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  const others = [...bits].filter(([, count]) => count !== usual);
  return {
    group_size: GROUP_SIZE,
    bits: usual,
    ...Object.fromEntries(others.map(([module, count]) => [module, { group_size: GROUP_SIZE, bits: count }])),
  };
}
