import { FileError } from '../../foundation/errors/errors.ts';

type Json = Record<string, unknown>;

/** All that a tokenizer is made of, whichever files it came from. */
export interface TokenizerSource {
  /** The content of a `tokenizer.json`. */
  readonly tokenizer: Json;
  /** The content of a `tokenizer_config.json`. */
  readonly config: Json;
  /** Chat templates by their names; the usual one is `default`. */
  readonly chatTemplates: ReadonlyMap<string, string>;
  /** Tokens that end an answer, beside the config's `eos_token`. */
  readonly eosTokenIds: readonly number[];
  /** The folder or file, for errors. */
  readonly origin: string;
}

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly [option: string]: unknown;
}

export const OPERATION = 'loadTokenizer';

/** The keys of tokenizer_config.json that name a token. */
const NAMED_TOKENS = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

/** The text of a token that a config names, as a string or as an object with its `content`. */
function tokenText(value: unknown): string | undefined {
  const text = typeof value === 'object' && value !== null ? (value as Json).content : value;
  return typeof text === 'string' ? text : undefined;
}

/** The named tokens of a config, by their keys. */
export function namedTokens(config: Json): Record<string, string> {
  const named: Record<string, string> = {};
  for (const key of NAMED_TOKENS) {
    const text = tokenText(config[key]);
    if (text !== undefined) named[key] = text;
  }
  return named;
}

/** @throws FileError where the parts of tokenizer.json that are needed are not there. */
export function checkDefinition({ tokenizer, origin }: TokenizerSource): void {
  const model = tokenizer.model as Json | null | undefined;
  const vocabulary = model?.vocab;
  if (typeof model !== 'object' || model === null || typeof vocabulary !== 'object' || vocabulary === null) {
    throw new FileError(
      `tokenizer.json in ${origin} has no "model" with a "vocab". Save the tokenizer anew with Python's transformers: ` +
        'AutoTokenizer.from_pretrained(folder).save_pretrained(folder)',
      { operation: OPERATION },
    );
  }
}

/**
 * The added tokens of both files. As in transformers, what tokenizer_config.json lists beside tokenizer.json counts,
 * and tokens that it names are special and found in texts.
 */
export function addedTokens({ tokenizer, config, origin }: TokenizerSource): AddedToken[] {
  const byContent = new Map<string, AddedToken>();
  const listed = tokenizer.added_tokens ?? [];
  if (!Array.isArray(listed)) damaged(origin, '"added_tokens" of tokenizer.json is no list');
  for (const token of listed) byContent.set(...checked(token, origin));
  for (const [id, token] of Object.entries((config.added_tokens_decoder ?? {}) as Json)) {
    const [content, added] = checked({ ...(token as Json), id: Number(id) }, origin);
    if (!byContent.has(content)) byContent.set(content, added);
  }
  const extra = [config.additional_special_tokens, config.extra_special_tokens].flatMap((tokens) =>
    Array.isArray(tokens) ? tokens : Object.values((tokens ?? {}) as Json),
  );
  const special = [...Object.values(namedTokens(config)), ...extra.map(tokenText)];
  const find = finder(tokenizer.model as Json);
  for (const content of special) {
    if (content === undefined) continue;
    const known = byContent.get(content);
    const id = known?.id ?? find(content);
    if (id !== undefined) byContent.set(content, { ...known, id, content, special: true });
  }
  return [...byContent.values()];
}

function checked(token: unknown, origin: string): [string, AddedToken] {
  const { id, content } = (token ?? {}) as Json;
  if (!Number.isSafeInteger(id) || (id as number) < 0 || typeof content !== 'string' || content === '') {
    damaged(origin, 'an added token has no "id" or no "content"');
  }
  return [content as string, { special: false, ...(token as object) } as AddedToken];
}

function finder({ vocab }: Json): (token: string) => number | undefined {
  if (Array.isArray(vocab)) {
    return (token) => {
      const index = vocab.findIndex((entry) => Array.isArray(entry) && entry[0] === token);
      return index < 0 ? undefined : index;
    };
  }
  return (token) => (Object.hasOwn(vocab as Json, token) ? ((vocab as Json)[token] as number) : undefined);
}

function damaged(origin: string, what: string): never {
  throw new FileError(`the tokenizer in ${origin} is damaged: ${what}. Download it again`, { operation: OPERATION });
}
