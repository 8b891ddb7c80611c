import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { PromptCache } from '../engines/engine.ts';
import { type GenerateOptions, readGenerateOptions } from '../generation/options.ts';
import { type Answer, answerOf, type Segment, streamSegments } from '../generation/segments.ts';
import type { ToolCall } from '../generation/tool-parsers.ts';
import type { LanguageModel } from '../language-model.ts';
import type { Message } from '../tokenizer/tokenizer.ts';

export interface ChatOptions extends Omit<GenerateOptions, 'cache'> {
  /** What the model is told before the conversation. */
  readonly system?: string;
  /**
   * What the model has seen, of `loadPromptCache` for one: where the conversation begins with the same tokens, they are
   * not computed again. It belongs to the session, which frees it.
   */
  readonly cache?: PromptCache | undefined;
  /** A conversation to go on with. */
  readonly messages?: readonly Message[];
}

/** The answer as templates read it. Reasoning is left out: models are not shown what they thought before. */
function answerMessage(content: string, toolCalls: readonly ToolCall[]): Message {
  const calls = toolCalls.map((call) => ({ type: 'function', function: call }));
  return { role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls }) };
}

/**
 * A conversation. The model keeps what it has seen: of each turn only the tokens that are new are computed, as long as
 * the template writes what was before in the same way; `statistics.cachedTokens` of each answer says how many were not.
 */
export class ChatSession {
  readonly #model: LanguageModel;
  readonly #options: Omit<GenerateOptions, 'cache'>;
  readonly #messages: Message[];
  #cache: PromptCache | undefined;
  /** The tokens in the cache, in order. */
  #seen: number[] = [];
  #busy: Promise<unknown> = Promise.resolve();

  constructor(model: LanguageModel, { system, messages = [], cache, ...options }: ChatOptions) {
    this.#model = model;
    this.#options = options;
    if (cache !== undefined) {
      if (cache.tokens === undefined) {
        throw new ArgumentError(
          'expected a cache of which the tokens are known, as of savePromptCache; a file of mlx_lm has none',
          { operation: 'model.chat' },
        );
      }
      this.#cache = cache;
      this.#seen = [...cache.tokens];
    }
    this.#messages = [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages];
  }

  /** All messages so far; the answers too. */
  get messages(): readonly Message[] {
    return [...this.#messages];
  }

  /** What the model has seen of it, for `savePromptCache`; undefined: nothing yet. */
  get cache(): PromptCache | undefined {
    return this.#cache;
  }

  /** The answer to a message, whole; it and the message are then part of the conversation. */
  async send(content: string | Message, options: GenerateOptions = {}): Promise<Answer> {
    return answerOf(this.stream(content, options));
  }

  /**
   * The answer piece by piece. Leaving the loop ends the answer: what there was of it is part of the conversation.
   * A second message waits for the end of the answer before.
   */
  async *stream(content: string | Message, options: GenerateOptions = {}): AsyncGenerator<Segment, void, undefined> {
    const before = this.#busy;
    let done = (): void => undefined;
    this.#busy = new Promise<void>((resolve) => {
      done = resolve;
    });
    try {
      await before;
      yield* this.#answer(typeof content === 'string' ? { role: 'user', content } : content, options);
    } finally {
      done();
    }
  }

  async *#answer(message: Message, options: GenerateOptions): AsyncGenerator<Segment, void, undefined> {
    const merged = { ...this.#options, ...options };
    const checked = readGenerateOptions(merged);
    const { engine, tokenizer } = this.#model;
    const { tokens: all, splitter } = this.#model.prepare([...this.#messages, message], merged);
    const prompt = await this.#unseen(all);
    const tokens = [...all];
    const toolCalls: ToolCall[] = [];
    let text = '';
    let isWhole = false;
    try {
      const cache = this.#cache;
      for await (const segment of streamSegments(engine, tokenizer, prompt, { ...checked, cache }, splitter)) {
        text += segment.text;
        toolCalls.push(...(segment.toolCalls ?? []));
        tokens.push(segment.token);
        yield segment;
      }
      isWhole = true;
    } finally {
      if (text !== '' || isWhole) this.#messages.push(message, answerMessage(text, toolCalls));
      await this.#settle(tokens);
    }
  }

  /** Cuts the cache back to what it has in common with the tokens, and gives the others; at least one. */
  async #unseen(tokens: readonly number[]): Promise<number[]> {
    this.#cache ??= await this.#model.newCache();
    let common = 0;
    const most = Math.min(this.#seen.length, tokens.length - 1);
    while (common < most && this.#seen[common] === tokens[common]) common++;
    const surplus = this.#cache.offset - common;
    if (surplus > 0 && (await this.#cache.trim(surplus)) !== surplus) {
      await this.#forget();
      return [...tokens];
    }
    this.#seen.length = common;
    return tokens.slice(common);
  }

  /** After an answer: which of its tokens the cache has. */
  async #settle(tokens: readonly number[]): Promise<void> {
    const cache = this.#cache;
    if (cache === undefined) return;
    const surplus = cache.offset - tokens.length;
    if (surplus > 0 && (await cache.trim(surplus)) !== surplus) await this.#forget();
    else this.#seen = tokens.slice(0, cache.offset);
  }

  async #forget(): Promise<void> {
    this.#cache?.dispose();
    this.#cache = await this.#model.newCache();
    this.#seen = [];
  }

  /** Frees what the model has seen. The conversation can go on, and is then computed anew. */
  dispose(): void {
    this.#cache?.dispose();
    this.#cache = undefined;
    this.#seen = [];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
