import type { AddedToken, TokenizerSource } from './definition.ts';
import type { GgufMetadata } from './gguf-metadata.ts';
import { bytePairModel, sentencePieceModel, TOKEN_TYPES } from './gguf-models.ts';

/** Tokens that end the turn of an assistant, whether or not the file says so. */
const TURN_ENDS = ['<|im_end|>', '<|eot_id|>', '<|eom_id|>', '<end_of_turn>', '<|end|>'];

/** The special tokens' names in a tokenizer_config.json and in a gguf file. */
const SPECIAL = [
  ['bos_token', 'tokenizer.ggml.bos_token_id'],
  ['eos_token', 'tokenizer.ggml.eos_token_id'],
  ['unk_token', 'tokenizer.ggml.unknown_token_id'],
  ['pad_token', 'tokenizer.ggml.padding_token_id'],
  ['sep_token', 'tokenizer.ggml.seperator_token_id'],
  ['mask_token', 'tokenizer.ggml.mask_token_id'],
] as const;

/**
 * The tokenizer in the metadata of a gguf file, with its chat template.
 * @throws FileError where it is of another kind than byte-level BPE (`gpt2`) and SentencePiece's BPE (`llama`)
 */
export function ggufTokenizerSource(metadata: GgufMetadata): TokenizerSource {
  const tokens = metadata.required('tokenizer.ggml.tokens', metadata.texts('tokenizer.ggml.tokens'));
  const types = metadata.numbers('tokenizer.ggml.token_type') ?? [];
  const config: Record<string, unknown> = {};
  for (const [name, key] of SPECIAL) {
    const id = metadata.number(key);
    if (id === undefined || id === 0xffffffff) continue;
    config[name] = tokens[id] ?? metadata.fail(`"${key}" is ${id}, of ${tokens.length} tokens`);
  }
  const kind = metadata.text('tokenizer.ggml.model');
  const vocabulary = { tokens, types, unknown: config.unk_token as string | undefined };
  const { addsBos, ...parts } =
    kind === 'gpt2'
      ? bytePairModel(metadata, vocabulary)
      : kind === 'llama'
        ? sentencePieceModel(metadata, vocabulary)
        : metadata.fail(
            `its tokenizer is of the kind ${JSON.stringify(kind)}; "gpt2" and "llama" are known. Take the model in safetensors`,
          );
  return {
    tokenizer: {
      ...parts,
      added_tokens: addedTokens(tokens, types),
      post_processor: postProcessor(
        (metadata.flag('tokenizer.ggml.add_bos_token') ?? addsBos) ? (config.bos_token as string) : undefined,
        metadata.flag('tokenizer.ggml.add_eos_token') ? (config.eos_token as string) : undefined,
        tokens,
      ),
    },
    config,
    chatTemplates: chatTemplates(metadata),
    eosTokenIds: turnEnds(metadata, tokens, types),
    origin: metadata.path,
  };
}

/** Control tokens are special; tokens that users added are found in texts too. */
function addedTokens(tokens: readonly string[], types: readonly number[]): AddedToken[] {
  return tokens.flatMap((content, id) => {
    const special = types[id] === TOKEN_TYPES.control;
    if ((!special && types[id] !== TOKEN_TYPES.userDefined) || content === '') return [];
    return [{ id, content, special, normalized: false }];
  });
}

function turnEnds(metadata: GgufMetadata, tokens: readonly string[], types: readonly number[]): number[] {
  const named = ['tokenizer.ggml.eot_token_id', 'tokenizer.ggml.eom_token_id'].map((key) => metadata.number(key));
  const found = TURN_ENDS.map((token) => tokens.indexOf(token)).filter((id) => types[id] === TOKEN_TYPES.control);
  return [...named, ...found].filter((id): id is number => id !== undefined && id < tokens.length);
}

/** Puts a beginning and an end around texts. */
function postProcessor(bos: string | undefined, eos: string | undefined, tokens: readonly string[]): object | null {
  if (bos === undefined && eos === undefined) return null;
  const special = (id: string | undefined) => (id === undefined ? [] : [{ SpecialToken: { id, type_id: 0 } }]);
  const part = (id: string) => [...special(bos), { Sequence: { id, type_id: 0 } }, ...special(eos)];
  const named = [bos, eos].filter((id): id is string => id !== undefined);
  return {
    type: 'TemplateProcessing',
    single: part('A'),
    pair: [...part('A'), ...part('B')],
    special_tokens: Object.fromEntries(named.map((id) => [id, { id, ids: [tokens.indexOf(id)], tokens: [id] }])),
  };
}

function chatTemplates(metadata: GgufMetadata): ReadonlyMap<string, string> {
  const templates = new Map<string, string>();
  const main = metadata.text('tokenizer.chat_template');
  if (main !== undefined) templates.set('default', main);
  for (const name of metadata.texts('tokenizer.chat_templates') ?? []) {
    const template = metadata.text(`tokenizer.chat_template.${name}`);
    if (template !== undefined) templates.set(name, template);
  }
  return templates;
}
