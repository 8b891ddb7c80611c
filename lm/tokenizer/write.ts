import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddedToken, TokenizerSource } from './definition.ts';

/** What Rust's tokenizers want to be there, in the order of their own files. */
const DEFINITION = { version: '1.0', truncation: null, padding: null };
const ADDED = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const BPE = {
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
};

/** Writes the tokenizer.json and the tokenizer_config.json of a tokenizer that came without these files. */
export async function writeTokenizer(folder: string, source: TokenizerSource, contextLength?: number): Promise<void> {
  const { tokenizer, config, chatTemplates } = source;
  const { normalizer = null, pre_tokenizer = null, post_processor = null, decoder = null, model } = tokenizer;
  const { type, ...parts } = model as { readonly type: string };
  const added = (tokenizer.added_tokens as readonly AddedToken[]).map((token) => ({ ...ADDED, ...token }));
  const definition = {
    ...DEFINITION,
    added_tokens: added.sort((a, b) => a.id - b.id),
    normalizer,
    pre_tokenizer,
    post_processor,
    decoder,
    model: { type, ...BPE, ...parts },
  };
  const templates = [...chatTemplates].map(([name, template]) => ({ name, template }));
  const isOne = templates.length === 1 && templates[0]?.name === 'default';
  const settings = {
    ...config,
    clean_up_tokenization_spaces: false,
    ...(contextLength !== undefined && { model_max_length: contextLength }),
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...(templates.length > 0 && { chat_template: isOne ? templates[0]?.template : templates }),
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(definition, null, 2));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(settings, null, 2));
}
