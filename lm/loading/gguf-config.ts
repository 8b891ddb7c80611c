import type { core as mx } from '../../mlx/index.ts';
import type { GgufMetadata } from '../tokenizer/gguf-metadata.ts';
import type { GgufArchitecture } from './gguf-architectures.ts';
import { llama3Scaling } from './llama3-scaling.ts';

type Arrays = Readonly<Record<string, mx.Array>>;

/** What the config.json of the model would hold, without its tokens and its quantization. */
export function ggufConfig(
  metadata: GgufMetadata,
  { name, modelType }: GgufArchitecture,
  arrays: Arrays,
): Record<string, unknown> {
  const number = (key: string): number | undefined => metadata.number(`${name}.${key}`);
  const size = (key: string): number => {
    const value = metadata.required(`${name}.${key}`, number(key));
    return Number.isSafeInteger(value) && value > 0 ? value : metadata.fail(`"${name}.${key}" is ${value}`);
  };
  if ((number('expert_count') ?? 0) > 0) {
    metadata.fail('it is a mixture of experts, which is not read from gguf files. Take the model in safetensors');
  }
  const hidden = size('embedding_length');
  const heads = size('attention.head_count');
  const headSize = number('attention.key_length') ?? hidden / heads;
  const theta = shortest(number('rope.freq_base') ?? 10_000);
  const context = number('context_length');
  return {
    model_type: modelType,
    hidden_size: hidden,
    num_hidden_layers: size('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: number('attention.head_count_kv') ?? heads,
    intermediate_size: size('feed_forward_length'),
    vocab_size: rowsOf(metadata, arrays),
    head_dim: headSize,
    rms_norm_eps: shortest(
      metadata.required(`${name}.attention.layer_norm_rms_epsilon`, number('attention.layer_norm_rms_epsilon')),
    ),
    rope_theta: theta,
    rope_scaling: ropeScaling(metadata, name, arrays, headSize, theta),
    ...(context !== undefined && { max_position_embeddings: context }),
    tie_word_embeddings: arrays['output.weight'] === undefined,
    attention_bias: arrays['blk.0.attn_q.bias'] !== undefined,
  };
}

function rowsOf(metadata: GgufMetadata, arrays: Arrays): number {
  const embedding = metadata.required('token_embd.weight', arrays['token_embd.weight']);
  return embedding.shape[0] ?? metadata.fail('"token_embd.weight" has no dimensions');
}

function ropeScaling(
  metadata: GgufMetadata,
  name: string,
  arrays: Arrays,
  headSize: number,
  theta: number,
): Record<string, unknown> | null {
  const factors = arrays['rope_freqs.weight'];
  if (factors !== undefined) {
    const scaling = llama3Scaling(factors.tolist() as number[], headSize, theta);
    return scaling ?? metadata.fail('its "rope_freqs.weight" is not as Llama 3 scales them');
  }
  const type = metadata.text(`${name}.rope.scaling.type`) ?? 'none';
  const factor = metadata.number(`${name}.rope.scaling.factor`) ?? metadata.number(`${name}.rope.scale_linear`) ?? 1;
  if (type === 'none' && factor === 1) return null;
  if (type === 'linear' || type === 'none') return { type: 'linear', factor: shortest(factor) };
  if (type !== 'yarn') return metadata.fail(`its positions are scaled as ${JSON.stringify(type)}`);
  const original = `${name}.rope.scaling.original_context_length`;
  return {
    type,
    factor: shortest(factor),
    original_max_position_embeddings: metadata.required(original, metadata.number(original)),
  };
}

/** The shortest decimal that is the same 32-bit float: 0.00001 for what is stored of it. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return value;
}
