/** One message of a chat: who speaks, what is said, and whatever else the model's template reads, such as `tool_calls`. */
export interface Message {
  readonly role: string;
  readonly content?: string | null | readonly object[];
  readonly [key: string]: unknown;
}

export interface EncodeOptions {
  /** Add what the tokenizer puts around a text, such as its beginning-of-sequence token. By default true. */
  readonly addSpecialTokens?: boolean;
}

export interface DecodeOptions {
  /** Leave special tokens such as `<|im_end|>` out. By default false. */
  readonly skipSpecialTokens?: boolean;
}

/** Beside these, every variable that the template reads, such as `enable_thinking` or `documents`. */
export interface ChatTemplateOptions {
  /** The tools that the model may call, as JSON schemas. */
  readonly tools?: readonly object[] | undefined;
  /** End with what opens the answer of the model. By default false. */
  readonly addGenerationPrompt?: boolean;
  /** Leave the last message open, so that the model goes on with it. By default false. */
  readonly continueFinalMessage?: boolean;
  readonly [variable: string]: unknown;
}

/** Turns tokens that come one by one into text. The cost of a token does not depend on how many came before. */
export interface StreamingDetokenizer {
  /**
   * The text that became certain with this token: the empty string while a character or a space is open.
   * @throws ArgumentError where it is no token.
   */
  add(token: number): string;
  /** What was still open. From then on the next token starts a new text. */
  finish(): string;
}

/** What turns text into tokens and back, and chats into text. */
export interface Tokenizer {
  /**
   * The tokens of a text. Lone surrogates in it count as U+FFFD.
   * @throws ArgumentError where it is no text.
   */
  encode(text: string, options?: EncodeOptions): number[];
  /**
   * The text of tokens. Numbers that the vocabulary does not have give no text, as in Python.
   * @throws ArgumentError where one is no integer from 0 up.
   */
  decode(tokens: readonly number[], options?: DecodeOptions): string;
  /** How many tokens there are, added ones among them. A model may have more rows than that. */
  readonly vocabularySize: number;
  readonly bosToken: string | undefined;
  readonly bosTokenId: number | undefined;
  /** The tokens that end an answer. */
  readonly eosTokenIds: ReadonlySet<number>;
  /** The number of a token, by its text in the vocabulary. */
  tokenId(token: string): number | undefined;
  readonly hasChatTemplate: boolean;
  /** The source of the template that chats are written with; the one for tools, where there are two. */
  readonly chatTemplate: string | undefined;
  /**
   * The prompt that the model's chat template makes of messages.
   * @throws ArgumentError where there is no template, or it refuses the messages.
   */
  applyChatTemplate(messages: readonly Message[], options?: ChatTemplateOptions): string;
  detokenizer(): StreamingDetokenizer;
}
