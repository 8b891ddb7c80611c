import { resolve } from 'node:path';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { OPERATION } from './definition.ts';
import { type Json, readJson, readText } from './files.ts';
import { readChatTemplates } from './template-files.ts';
import type { Tokenizer } from './tokenizer.ts';
import { VocabularyTokenizer } from './vocabulary-tokenizer.ts';

export interface LoadTokenizerOptions {
  /** A chat template, or the name of one of the model's, in place of the model's default one. */
  readonly chatTemplate?: string | undefined;
  /** The tokens that end an answer, in place of those that config.json and generation_config.json name. */
  readonly eosTokenIds?: readonly number[] | undefined;
}

/**
 * The tokenizer of a model's folder, from its `tokenizer.json` and, where they are there, `tokenizer_config.json`,
 * `special_tokens_map.json`, `config.json`, `generation_config.json` and the files of chat templates.
 * @throws FileError where the folder has none, or a file in it is damaged.
 */
export async function loadTokenizer(folder: string, options: LoadTokenizerOptions = {}): Promise<Tokenizer> {
  if (typeof folder !== 'string' || folder === '' || folder.includes('\0')) {
    throw new ArgumentError(`expected the path of a model's folder, received ${describeValue(folder)}`, {
      operation: OPERATION,
    });
  }
  checkedOptions<LoadTokenizerOptions>(options, ['chatTemplate', 'eosTokenIds'], OPERATION);
  const origin = resolve(folder);
  const [tokenizer, config, special, model, generation] = await Promise.all([
    readJson(origin, 'tokenizer.json'),
    readJson(origin, 'tokenizer_config.json'),
    readJson(origin, 'special_tokens_map.json'),
    readJson(origin, 'config.json'),
    readJson(origin, 'generation_config.json'),
  ]);
  if (tokenizer === undefined) throw await missing(origin);
  const settings = { ...special, ...withoutNulls(config) };
  return new VocabularyTokenizer({
    tokenizer,
    config: settings,
    chatTemplates: await readChatTemplates(origin, settings, checkedTemplate(options.chatTemplate)),
    eosTokenIds: checkedIds(options.eosTokenIds) ?? ids(generation?.eos_token_id) ?? ids(model?.eos_token_id) ?? [],
    origin,
  });
}

/** A token that a config leaves open may stand in the older file. */
function withoutNulls(config: Json | undefined): Json {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== null));
}

/** As in mlx_lm, none and 0 in generation_config.json leave the word to config.json. */
function ids(value: unknown): readonly number[] | undefined {
  const list = (Array.isArray(value) ? value : [value]).filter((id) => Number.isSafeInteger(id) && id >= 0);
  return list.length === 0 || value === 0 ? undefined : (list as number[]);
}

function checkedIds(given: readonly number[] | undefined): readonly number[] | undefined {
  if (given === undefined) return undefined;
  if (Array.isArray(given) && given.every((id) => Number.isSafeInteger(id) && id >= 0)) return given;
  throw new ArgumentError(`expected a list of tokens for "eosTokenIds", received ${describeValue(given)}`, {
    operation: OPERATION,
  });
}

function checkedTemplate(given: unknown): string | undefined {
  if (given === undefined || typeof given === 'string') return given;
  throw new ArgumentError(`expected a text for "chatTemplate", received ${describeValue(given)}`, {
    operation: OPERATION,
  });
}

/** Says what is there instead of a tokenizer.json, and how to come to one. */
async function missing(origin: string): Promise<FileError> {
  const others = ['tokenizer.model', 'vocab.json', 'vocab.txt', 'tiktoken.model'];
  const texts = await Promise.all(others.map((name) => readText(origin, name)));
  const found = others.find((_, index) => texts[index] !== undefined);
  return new FileError(
    found === undefined
      ? `there is no tokenizer.json in ${origin}. Name the folder of a whole model, as downloaded from the Hugging Face Hub`
      : `there is no tokenizer.json in ${origin}, only ${found}. Make it with Python's transformers: ` +
          'AutoTokenizer.from_pretrained(folder).save_pretrained(folder)',
    { operation: OPERATION },
  );
}
