import { ArgumentError, DisposedError, UnsupportedOperationError } from '../foundation/errors/errors.ts';
import type { core as mx } from '../mlx/index.ts';
import { describeValue } from '../registry/arguments/describe.ts';
import { type ChatOptions, ChatSession } from './chat/session.ts';
import type { RawConfig } from './config/fields.ts';
import { writeModelFolder } from './convert/convert.ts';
import { checkTarget, copyCompanions } from './convert/folder.ts';
import type { Engine, PromptCache } from './engines/engine.ts';
import { NativeEngine } from './engines/native-engine.ts';
import { type BatchGenerateOptions, checkPrompts, generateBatch } from './generation/generate-batch.ts';
import { type GenerateOptions, readGenerateOptions } from './generation/options.ts';
import { startsInReasoning, thinkingMarkers } from './generation/reasoning.ts';
import { ResponseSplitter } from './generation/response.ts';
import { type Answer, answerOf, type Segment, streamSegments } from './generation/segments.ts';
import { findToolFormat } from './generation/tool-calls.ts';
import type { ToolDefinition } from './generation/tool-parsers.ts';
import type { KeptWeights } from './loading/precision.ts';
import type { TokenizerSource } from './tokenizer/definition.ts';
import type { Message, Tokenizer } from './tokenizer/tokenizer.ts';
import { writeTokenizer } from './tokenizer/write.ts';

/** A text, which may be empty only if the tokenizer puts a token before it; token indices; or a chat. */
export type Prompt = string | readonly number[] | readonly Message[];

interface PrepareOptions {
  readonly tools?: readonly object[] | undefined;
}

/** What a language model is made of. */
export interface LanguageModelParts {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly config: RawConfig;
  readonly path: string;
  readonly reason: string;
  readonly weights: KeptWeights;
  /** What its tokenizer is made of, if there is no folder with its files. */
  readonly tokenizerSource?: TokenizerSource | undefined;
}

export interface PreparedPrompt {
  readonly tokens: number[];
  readonly splitter?: ResponseSplitter;
}

const OPERATION = 'lm.generate';

/** A language model with its tokenizer. See `lm.load`. */
export class LanguageModel {
  readonly tokenizer: Tokenizer;
  /** What its config.json holds. */
  readonly config: RawConfig;
  /** The folder or file that it was read from. */
  readonly path: string;
  /** Why it runs where it does: `ported`, `forced`, `unported`. */
  readonly reason: string;
  /** How quantized weights are kept. */
  readonly weights: KeptWeights;
  readonly #engine: Engine;
  readonly #tokenizerSource: TokenizerSource | undefined;
  #disposed = false;

  constructor({ engine, tokenizer, tokenizerSource, config, path, reason, weights }: LanguageModelParts) {
    this.#engine = engine;
    this.#tokenizerSource = tokenizerSource;
    this.tokenizer = tokenizer;
    this.config = config;
    this.path = path;
    this.reason = reason;
    this.weights = weights;
  }

  /** Where it runs: in this process, or in a Python worker. */
  get implementation(): 'native' | 'python' {
    return this.#engine.implementation;
  }

  /** The `model_type` of its config. */
  get architecture(): string {
    return this.#engine.architecture;
  }

  get engine(): Engine {
    if (this.#disposed) throw new DisposedError(`the model of ${this.path} was disposed`);
    return this.#engine;
  }

  /** The most positions that it was made for; undefined where its config does not say. */
  get contextLength(): number | undefined {
    const length = this.config.max_position_embeddings ?? this.config.n_positions;
    return typeof length === 'number' ? length : undefined;
  }

  /**
   * The tokens of a prompt; of a chat, those of its template with the beginning of the answer.
   * @throws ArgumentError for an empty prompt, and for a token that the model does not have
   */
  tokens(prompt: Prompt, options: PrepareOptions = {}): number[] {
    return this.prepare(prompt, options).tokens;
  }

  /** @internal The tokens of a prompt, and what takes reasoning and calls of tools out of the answer to a chat. */
  prepare(prompt: Prompt, { tools }: PrepareOptions = {}): PreparedPrompt {
    if (typeof prompt === 'string')
      return { tokens: this.#checked(this.tokenizer.encode(prompt, this.#around(prompt))) };
    if (!Array.isArray(prompt)) {
      throw new ArgumentError(
        `expected a text, a list of token indices, or a list of messages, received ${describeValue(prompt)}`,
        { operation: OPERATION },
      );
    }
    const items = prompt as readonly unknown[];
    if (items.every((item) => typeof item === 'number')) return { tokens: this.#checked([...(items as number[])]) };
    const text = this.tokenizer.applyChatTemplate(items as Message[], { tools, addGenerationPrompt: true });
    const hasToken = (token: string) => this.tokenizer.tokenId(token) !== undefined;
    const thinking = thinkingMarkers(hasToken);
    const splitter = new ResponseSplitter({
      thinking,
      toolFormat: tools === undefined ? undefined : findToolFormat(this.tokenizer.chatTemplate, hasToken),
      tools: tools as readonly ToolDefinition[] | undefined,
      startsInReasoning: startsInReasoning(text, thinking),
    });
    return { tokens: this.#checked(this.tokenizer.encode(text, { addSpecialTokens: false })), splitter };
  }

  #checked(tokens: number[]): number[] {
    if (tokens.length === 0) {
      throw new ArgumentError('expected a prompt of at least one token, received none', { operation: OPERATION });
    }
    const rows = typeof this.config.vocab_size === 'number' ? this.config.vocab_size : Number.POSITIVE_INFINITY;
    const wrong = tokens.find((token) => !Number.isSafeInteger(token) || token < 0 || token >= rows);
    if (wrong === undefined) return tokens;
    throw new ArgumentError(`expected token indices from 0 to ${rows - 1}, received ${wrong}`, {
      operation: OPERATION,
    });
  }

  /** A text that begins with the token of a beginning gets no second one. */
  #around(text: string): { addSpecialTokens: boolean } {
    const { bosToken } = this.tokenizer;
    return { addSpecialTokens: bosToken === undefined || !text.startsWith(bosToken) };
  }

  /**
   * The scores of every next token, `[1, L, vocabulary]`, of a prompt of `L` tokens: what tells whether two
   * implementations are equal.
   */
  async logits(prompt: Prompt, options: PrepareOptions = {}): Promise<mx.Array> {
    const { engine } = this;
    if (engine.logits === undefined) {
      throw new UnsupportedOperationError('this engine does not tell scores', { operation: 'lm.logits' });
    }
    return engine.logits([this.tokens(prompt, options)]);
  }

  /** A cache for `options.cache`, which keeps what the model has seen from one call to the next. */
  async newCache(): Promise<PromptCache> {
    return this.engine.newCache();
  }

  /**
   * What the model writes after the prompt, whole.
   * @throws ArgumentError for an option that is wrong; the reason of the signal
   */
  async generate(prompt: Prompt, options: GenerateOptions = {}): Promise<Answer> {
    return answerOf(this.stream(prompt, options));
  }

  /**
   * What the model writes after each of several prompts, which are computed together: many times as many tokens in the
   * same time. The options hold for all; draws come of one sequence of random numbers.
   * @throws ArgumentError for an empty list; UnsupportedOperationError of a model in Python; the reason of the signal
   */
  async generateBatch(prompts: readonly Prompt[], options: BatchGenerateOptions = {}): Promise<Answer[]> {
    checkPrompts(prompts);
    const prepared = prompts.map((prompt) => this.prepare(prompt, options));
    return generateBatch(this.engine, this.tokenizer, prepared, options);
  }

  /**
   * What the model writes after the prompt, piece by piece; leaving the loop ends it. The event loop is never
   * blocked longer than a token takes.
   */
  async *stream(prompt: Prompt, options: GenerateOptions = {}): AsyncGenerator<Segment, void, undefined> {
    const checked = readGenerateOptions(options);
    const { tokens, splitter } = this.prepare(prompt, options);
    yield* streamSegments(this.engine, this.tokenizer, tokens, checked, splitter);
  }

  /** A conversation, of which only what is new is computed in each turn. */
  chat(options: ChatOptions = {}): ChatSession {
    return new ChatSession(this, options);
  }

  /**
   * Writes the model to a new folder, which mlx_lm reads, too: weights, config, tokenizer, and what else belongs to it.
   * @throws UnsupportedOperationError of a model in Python; ArgumentError where the folder is there
   */
  async save(folder: string): Promise<void> {
    const { engine } = this;
    if (!(engine instanceof NativeEngine)) {
      throw new UnsupportedOperationError('only models that run natively can be saved', { operation: 'lm.save' });
    }
    const source = this.#tokenizerSource;
    const writeCompanions = (to: string) =>
      source === undefined ? copyCompanions(this.path, to) : writeTokenizer(to, source, this.contextLength);
    await writeModelFolder(await checkTarget(folder, 'lm.save'), { writeCompanions }, engine.model, this.config, {});
  }

  /** Frees the weights. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#engine.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
