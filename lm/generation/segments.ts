import type { Engine, PromptCache, TokenStep } from '../engines/engine.ts';
import type { StreamingDetokenizer, Tokenizer } from '../tokenizer/tokenizer.ts';
import { draftOf } from './drafts.ts';
import type { CheckedOptions } from './options.ts';
import type { ResponsePart, ResponseSplitter } from './response.ts';
import { StopStrings } from './stop.ts';
import type { ToolCall } from './tool-parsers.ts';

/** Why an answer ended: by a token or text that ends it, or because there were `maxTokens`. */
export type FinishReason = 'stop' | 'length';

export interface Statistics {
  readonly implementation: 'native' | 'python';
  /** Tokens of the prompt that were computed. */
  readonly promptTokens: number;
  /** Tokens before them that a cache had. */
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  /** How many of them a draft model had guessed, where there is one. */
  readonly acceptedDraftTokens?: number;
  /** From the call to the first token. */
  readonly timeToFirstTokenMs: number;
  readonly promptTokensPerSecond: number;
  /** Of the tokens after the first. */
  readonly tokensPerSecond: number;
}

/** A piece of an answer. */
export interface Segment {
  /** What became certain with this token; may be empty. */
  readonly text: string;
  /** Of the answer to a chat: what the model thinks before it answers. */
  readonly reasoning?: string;
  /** Of the answer to a chat: tools that the model calls. */
  readonly toolCalls?: readonly ToolCall[];
  readonly token: number;
  /** Whether the draft model had guessed the token, where there is one. */
  readonly fromDraft?: boolean;
  /** The logarithm of its probability, with `logprobs`. */
  readonly logprob?: number;
  readonly topLogprobs?: readonly (readonly [token: number, logprob: number])[];
  /** On the last piece alone. */
  readonly finishReason?: FinishReason;
  /** On the last piece alone. */
  readonly statistics?: Statistics;
}

/** A whole answer. */
export interface Answer {
  readonly text: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ToolCall[];
  /** All of them, with one that ended the answer. */
  readonly tokens: readonly number[];
  /** With `logprobs`: one for each token. */
  readonly logprobs?: readonly number[];
  readonly finishReason: FinishReason;
  readonly statistics: Statistics;
}

/** Counts the tokens of one answer, and takes their time. */
export class Watch {
  readonly #start = performance.now();
  #first = 0;
  #tokens = 0;
  #accepted: number | undefined;

  count(fromDraft?: boolean): void {
    if (fromDraft !== undefined) this.#accepted = (this.#accepted ?? 0) + Number(fromDraft);
    if (this.#tokens++ === 0) this.#first = performance.now();
  }

  read(engine: Engine, promptTokens: number, cachedTokens: number): Statistics {
    const prompt = this.#first - this.#start;
    const rest = performance.now() - this.#first;
    return {
      implementation: engine.implementation,
      promptTokens,
      cachedTokens,
      generatedTokens: this.#tokens,
      ...(this.#accepted !== undefined && { acceptedDraftTokens: this.#accepted }),
      timeToFirstTokenMs: prompt,
      promptTokensPerSecond: promptTokens / (prompt / 1000),
      tokensPerSecond: this.#tokens > 1 ? (this.#tokens - 1) / (rest / 1000) : 0,
    };
  }
}

interface WriterSettings {
  readonly tokenizer: Tokenizer;
  readonly stop: readonly string[];
  readonly maxTokens: number;
  readonly splitter?: ResponseSplitter | undefined;
}

/** Makes the pieces of one answer of its tokens. */
export class SegmentWriter {
  readonly #settings: WriterSettings;
  readonly #detokenizer: StreamingDetokenizer;
  readonly #stops: StopStrings;
  #count = 0;

  constructor(settings: WriterSettings) {
    this.#settings = settings;
    this.#detokenizer = settings.tokenizer.detokenizer();
    this.#stops = new StopStrings(settings.stop);
  }

  /** The piece of a token; with a `finishReason` where it is the last. */
  write(step: TokenStep): Segment {
    const { tokenizer, maxTokens, splitter } = this.#settings;
    this.#count++;
    const ends = tokenizer.eosTokenIds.has(step.token);
    const isLast = ends || this.#count === maxTokens;
    const piece = (ends ? '' : this.#detokenizer.add(step.token)) + (isLast ? this.#detokenizer.finish() : '');
    const { text: certain, stop: found } = this.#stops.push(piece);
    const isOver = isLast || found !== undefined;
    const text = certain + (isOver ? this.#stops.flush() : '');
    const parts = splitter === undefined ? { text } : partsOf(splitter, text, isOver);
    if (!isOver) return { ...step, ...parts };
    return { ...step, ...parts, finishReason: ends || found !== undefined ? 'stop' : 'length' };
  }
}

/** The answer to the tokens, piece by piece. */
export async function* streamSegments(
  engine: Engine,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  options: CheckedOptions,
  splitter?: ResponseSplitter,
): AsyncGenerator<Segment, void, undefined> {
  const watch = new Watch();
  const { stop, cache: given, maxKvSize, draftModel, numDraftTokens, ...sampling } = options;
  const draft = draftModel && draftOf(engine, tokenizer, draftModel, numDraftTokens);
  const cache: PromptCache = given ?? (await engine.newCache(maxKvSize));
  const cached = cache.offset;
  const writer = new SegmentWriter({ tokenizer, stop, maxTokens: options.maxTokens, splitter });
  try {
    for await (const step of engine.steps(prompt, cache, { ...sampling, draft })) {
      watch.count(step.fromDraft);
      const segment = writer.write(step);
      if (segment.finishReason === undefined) {
        yield segment;
        continue;
      }
      yield { ...segment, statistics: watch.read(engine, prompt.length, cached) };
      return;
    }
  } finally {
    if (given === undefined) cache.dispose();
  }
}

function partsOf(splitter: ResponseSplitter, piece: string, isOver: boolean): Pick<Segment, 'text' | 'reasoning'> {
  const parts = [...splitter.push(piece), ...(isOver ? splitter.flush() : [])];
  const textOf = (kind: ResponsePart['kind']) =>
    parts.map((part) => (part.kind === kind && part.kind !== 'toolCalls' ? part.text : '')).join('');
  const reasoning = textOf('reasoning');
  const toolCalls = parts.flatMap((part) => (part.kind === 'toolCalls' ? part.calls : []));
  return {
    text: textOf('text'),
    ...(reasoning !== '' && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

export async function answerOf(segments: AsyncIterable<Segment>): Promise<Answer> {
  const all: Segment[] = [];
  for await (const segment of segments) all.push(segment);
  return joined(all);
}

/** The whole answer of its pieces. */
export function joined(segments: readonly Segment[]): Answer {
  let text = '';
  let reasoning = '';
  const toolCalls: ToolCall[] = [];
  const tokens: number[] = [];
  const logprobs: number[] = [];
  let last: Segment | undefined;
  for (const segment of segments) {
    text += segment.text;
    reasoning += segment.reasoning ?? '';
    toolCalls.push(...(segment.toolCalls ?? []));
    tokens.push(segment.token);
    if (segment.logprob !== undefined) logprobs.push(segment.logprob);
    last = segment;
  }
  const { finishReason, statistics } = last as Required<Segment>;
  return {
    text,
    ...(reasoning !== '' && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
    tokens,
    ...(logprobs.length > 0 && { logprobs }),
    finishReason,
    statistics,
  };
}
