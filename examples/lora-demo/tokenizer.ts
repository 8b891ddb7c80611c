import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { core as mx } from '../../mlx/index.ts';

const CONTROL = 3;

/** Writes the tokenizer of a .gguf file of SmolLM2 into the folder of the model, as Hugging Face's files have it. */
export async function writeTokenizer(gguf: string, folder: string): Promise<void> {
  const [, metadata] = mx.load(gguf, { format: 'gguf', returnMetadata: true }) as unknown as [
    object,
    Record<string, mx.Array | string | string[]>,
  ];
  const texts = (name: string) => metadata[`tokenizer.ggml.${name}`] as string[];
  const number = (name: string) => Number((metadata[`tokenizer.ggml.${name}`] as mx.Array).item());
  const tokens = texts('tokens');
  const types = (metadata['tokenizer.ggml.token_type'] as mx.Array).tolist() as number[];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: tokens.flatMap((content, id) =>
      types[id] === CONTROL
        ? [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }]
        : [],
    ),
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel] },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((text, id) => [text, id])),
      merges: texts('merges').map((merge) => merge.split(' ')),
    },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: tokens[number('bos_token_id')],
    eos_token: tokens[number('eos_token_id')],
    chat_template: metadata['tokenizer.chat_template'],
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
}
