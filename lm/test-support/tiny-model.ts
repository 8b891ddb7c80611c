import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { core as mx } from '../../mlx/index.ts';
import { ConfigFields, type RawConfig } from '../config/fields.ts';
import { createModel } from '../models/registry.ts';

const SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;

/** The characters by which byte-level tokenizers write bytes: printable ones as they are, the others from U+0100 on. */
function byteCharacters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isShown = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(isShown ? byte : next++);
  });
}

const TEMPLATE =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

export const tinyConfig: RawConfig = {
  model_type: 'llama',
  hidden_size: 32,
  num_hidden_layers: 2,
  intermediate_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  vocab_size: 259,
  tie_word_embeddings: false,
  max_position_embeddings: 512,
  eos_token_id: 258,
};

/** Writes the folder of a model with random weights, a token for each byte, and a chat template. */
export function writeTinyModel(folder: string, changes: RawConfig = {}): void {
  mkdirSync(folder, { recursive: true });
  const config = { ...tinyConfig, ...changes };
  const json = (name: string, value: object) => writeFileSync(join(folder, name), JSON.stringify(value));
  json('config.json', config);
  const added = SPECIAL.map((content, i) => ({
    id: 256 + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  json('tokenizer.json', {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries([...byteCharacters(), ...SPECIAL].map((text, id) => [text, id])),
      merges: [],
    },
  });
  json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: '<|im_end|>',
    chat_template: TEMPLATE,
  });
  mx.random.seed(5);
  createModel(new ConfigFields(config)).saveWeights(join(folder, 'model.safetensors'));
}
