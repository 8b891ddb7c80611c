import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { ChatTemplate } from './chat-template.ts';
import { addedTokens, checkDefinition, namedTokens, OPERATION, type TokenizerSource } from './definition.ts';
import { LibraryTokenizer } from './libraries.ts';
import { type Pieces, piecesOf } from './pieces.ts';
import { preTokenizerOf } from './pre-tokenizer.ts';
import { PieceDetokenizer, WindowDetokenizer } from './streaming.ts';
import type {
  ChatTemplateOptions,
  DecodeOptions,
  EncodeOptions,
  Message,
  StreamingDetokenizer,
  Tokenizer,
} from './tokenizer.ts';

/** A tokenizer of the kind that tokenizer.json describes. */
export class VocabularyTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly bosToken: string | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenIds: ReadonlySet<number>;
  readonly #library: LibraryTokenizer;
  readonly #pieces: Pieces | undefined;
  readonly #specialIds: ReadonlySet<number>;
  readonly #cleansSpaces: boolean;
  readonly #chat: ChatTemplate;

  /** @throws FileError where the parts do not make a tokenizer. */
  constructor(source: TokenizerSource) {
    checkDefinition(source);
    const { tokenizer, config, origin } = source;
    const added = addedTokens(source);
    this.#library = built(
      { ...PARTS, ...tokenizer, pre_tokenizer: preTokenizerOf(tokenizer.pre_tokenizer), added_tokens: added },
      config,
      origin,
    );
    this.#pieces = piecesOf(tokenizer.decoder);
    this.#specialIds = new Set(added.filter(({ special }) => special).map(({ id }) => id));
    const isBpe = (tokenizer.model as { type?: unknown }).type === 'BPE';
    this.#cleansSpaces = config.clean_up_tokenization_spaces === true && !isBpe;
    const named = namedTokens(config);
    this.bosToken = named.bos_token;
    this.bosTokenId = named.bos_token === undefined ? undefined : this.tokenId(named.bos_token);
    this.eosTokenIds = eosTokenIds(source, this, named.eos_token);
    this.vocabularySize = this.#library.get_vocab().size;
    this.#chat = new ChatTemplate(source.chatTemplates, { ...named, enable_thinking: this.#thinks() }, origin);
  }

  get hasChatTemplate(): boolean {
    return this.#chat.exists;
  }

  get chatTemplate(): string | undefined {
    return this.#chat.source;
  }

  encode(text: string, { addSpecialTokens = true }: EncodeOptions = {}): number[] {
    if (typeof text !== 'string') {
      throw new ArgumentError(`expected a text, received ${describeValue(text)}`, { operation: 'tokenizer.encode' });
    }
    let ids: (number | undefined)[];
    try {
      ids = this.#library.encode(wellFormed(text), { add_special_tokens: addSpecialTokens }).ids;
    } catch (error) {
      // A unigram model fills the stack with the tokens of a text.
      throw new ArgumentError(`the text of ${text.length} characters cannot be encoded at once: ${messageOf(error)}`, {
        operation: 'tokenizer.encode',
        cause: error,
      });
    }
    if (ids.includes(undefined)) {
      throw new ArgumentError('the vocabulary has no token for a part of the text, and none for what is unknown', {
        operation: 'tokenizer.encode',
      });
    }
    return ids as number[];
  }

  decode(tokens: readonly number[], { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const known = checkedTokens(tokens, 'tokenizer.decode').filter(
      (token) => this.#tokenOf(token) !== undefined && !(skipSpecialTokens && this.#specialIds.has(token)),
    );
    if (known.length === 0) return '';
    if (this.#pieces !== undefined) return this.#pieces.join(known.map((token) => this.#tokenOf(token) as string));
    return this.#library.decode(known, { clean_up_tokenization_spaces: this.#cleansSpaces });
  }

  tokenId(token: string): number | undefined {
    return this.#library.token_to_id(token);
  }

  applyChatTemplate(messages: readonly Message[], options: ChatTemplateOptions = {}): string {
    return this.#chat.render(messages, options);
  }

  detokenizer(): StreamingDetokenizer {
    return this.#pieces === undefined
      ? new WindowDetokenizer((tokens) => this.decode(tokens))
      : new PieceDetokenizer(this.#pieces, (token) => this.#tokenOf(checkedToken(token, 'detokenizer.add')));
  }

  #tokenOf(token: number): string | undefined {
    return this.#library.id_to_token(token);
  }

  /** Whether the vocabulary has tokens for the start and the end of thoughts, for which templates have a variable. */
  #thinks(): boolean {
    const has = (token: string): boolean => this.tokenId(token) !== undefined;
    return THOUGHTS.some(([start, end]) => has(start) && has(end));
  }
}

/** What the library wants to be there, if only as null. */
const PARTS = { normalizer: null, post_processor: null, decoder: null };

const THOUGHTS = [
  ['<think>', '</think>'],
  ['<longcat_think>', '</longcat_think>'],
  ['<|think:start|>', '<|think:end|>'],
  ['<|channel>', '<channel|>'],
] as const;

function built(tokenizer: object, config: object, origin: string): LibraryTokenizer {
  try {
    return new LibraryTokenizer(tokenizer, config);
  } catch (error) {
    throw new FileError(
      `the tokenizer in ${origin} is damaged, or of a kind that is not known here: ${messageOf(error)}`,
      { operation: OPERATION, cause: error },
    );
  }
}

function eosTokenIds(source: TokenizerSource, tokenizer: Tokenizer, eosToken: string | undefined): Set<number> {
  const ids = new Set(source.eosTokenIds);
  if (eosToken === undefined) return ids;
  const id = tokenizer.tokenId(eosToken);
  if (id === undefined) {
    throw new FileError(
      `the tokenizer in ${source.origin} names ${JSON.stringify(eosToken)} as the token that ends a text, and its ` +
        'vocabulary has no such token. Correct "eos_token" in tokenizer_config.json, or download the tokenizer again',
      { operation: OPERATION },
    );
  }
  return ids.add(id);
}

const LONE_SURROGATES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Half a character, as cutting a string leaves it, becomes what every encoder of UTF-8 makes of it. */
function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, '\uFFFD');
}

function checkedTokens(tokens: readonly number[], operation: string): readonly number[] {
  if (!Array.isArray(tokens)) {
    throw new ArgumentError(`expected a list of tokens, received ${describeValue(tokens)}`, { operation });
  }
  for (const token of tokens) checkedToken(token, operation);
  return tokens;
}

function checkedToken(token: number, operation: string): number {
  if (Number.isSafeInteger(token) && token >= 0) return token;
  throw new ArgumentError(`expected tokens as integers from 0 up, received ${describeValue(token)}`, { operation });
}
