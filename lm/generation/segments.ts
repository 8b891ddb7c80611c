import type { Engine, PromptCache } from '../engines/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
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

class Watch {
  readonly #start = performance.now();
  #first = 0;
  #tokens = 0;
  #accepted: number | undefined;

  count(fromDraft: boolean | undefined): void {
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
  const detokenizer = tokenizer.detokenizer();
  const stops = new StopStrings(stop);
  try {
    let count = 0;
    for await (const step of engine.steps(prompt, cache, { ...sampling, draft })) {
      watch.count(step.fromDraft);
      count++;
      const ends = tokenizer.eosTokenIds.has(step.token);
      const isLast = ends || count === options.maxTokens;
      const piece = (ends ? '' : detokenizer.add(step.token)) + (isLast ? detokenizer.finish() : '');
      const { text: certain, stop: found } = stops.push(piece);
      const isOver = isLast || found !== undefined;
      const text = certain + (isOver ? stops.flush() : '');
      const parts = splitter === undefined ? { text } : partsOf(splitter, text, isOver);
      if (!isOver) {
        yield { ...step, ...parts };
        continue;
      }
      const finishReason = ends || found !== undefined ? 'stop' : 'length';
      yield { ...step, ...parts, finishReason, statistics: watch.read(engine, prompt.length, cached) };
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
  let text = '';
  let reasoning = '';
  const toolCalls: ToolCall[] = [];
  const tokens: number[] = [];
  const logprobs: number[] = [];
  let last: Segment | undefined;
  for await (const segment of segments) {
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
