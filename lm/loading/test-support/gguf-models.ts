import { sample } from '../../tokenizer/test-support/samples.ts';
import { blocks, float32, type TensorData, type Value } from './gguf-file.ts';

/** The tokenizers of the samples, as gguf files have them. */
export function tokenizerValues(name: string, pre = name): Record<string, Value> {
  const { tokenizer, config } = sample(name);
  const model = tokenizer.model as unknown as { vocab: Record<string, number>; merges: [string, string][] };
  const added = tokenizer.added_tokens as { id: number; content: string; special: boolean }[];
  const special = new Set(added.filter((token) => token.special).map(({ id }) => id));
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  const id = (token: unknown): number => tokens.indexOf((token as { content?: string }).content ?? (token as string));
  const types = tokens.map((token, index) => (special.has(index) ? 3 : /^<0x..>$/.test(token) ? 6 : 1));
  const byteLevel = (tokenizer.decoder as { type: string }).type === 'ByteLevel';
  const ranks = new Map(model.merges.map((pair, rank) => [pair.join(''), rank]));
  return {
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': Int32Array.from(types),
    'tokenizer.ggml.bos_token_id': id(config.bos_token),
    'tokenizer.ggml.eos_token_id': id(config.eos_token),
    'tokenizer.ggml.unknown_token_id': id(config.unk_token),
    'tokenizer.chat_template': config.chat_template as string,
    ...(byteLevel
      ? {
          'tokenizer.ggml.model': 'gpt2',
          'tokenizer.ggml.pre': pre,
          'tokenizer.ggml.merges': model.merges.map((pair) => pair.join(' ')),
        }
      : {
          'tokenizer.ggml.model': 'llama',
          'tokenizer.ggml.scores': Float32Array.from(tokens, (token) => -(ranks.get(token) ?? -1) - 1),
        }),
  };
}

/** Two layers of width 64 with 4 heads of queries and 2 of keys. */
export function modelValues(architecture: string): Record<string, Value> {
  return {
    'general.architecture': architecture,
    [`${architecture}.block_count`]: 2,
    [`${architecture}.context_length`]: 128,
    [`${architecture}.embedding_length`]: 64,
    [`${architecture}.feed_forward_length`]: 96,
    [`${architecture}.attention.head_count`]: 4,
    [`${architecture}.attention.head_count_kv`]: 2,
    [`${architecture}.attention.layer_norm_rms_epsilon`]: { float: 1e-5 },
    [`${architecture}.rope.freq_base`]: { float: 500_000 },
  };
}

export function modelTensors(rows: number): TensorData[] {
  const count = (length: number): number[] => Array.from({ length }, (_, index) => index);
  const layer = (index: number): TensorData[] => [
    float32(`blk.${index}.attn_norm.weight`, [64], count(64)),
    float32(`blk.${index}.attn_q.weight`, [64, 64], count(64 * 64)),
    float32(`blk.${index}.attn_k.weight`, [32, 64], count(32 * 64)),
    blocks(`blk.${index}.attn_v.weight`, [32, 64], 3),
    blocks(`blk.${index}.attn_output.weight`, [64, 64], 3),
    float32(`blk.${index}.ffn_norm.weight`, [64], count(64)),
    blocks(`blk.${index}.ffn_gate.weight`, [96, 64], 3),
    blocks(`blk.${index}.ffn_up.weight`, [96, 64], 3),
    blocks(`blk.${index}.ffn_down.weight`, [64, 96], 8),
  ];
  return [
    blocks('token_embd.weight', [rows, 64], 8),
    ...layer(0),
    ...layer(1),
    float32('output_norm.weight', [64], count(64)),
  ];
}
