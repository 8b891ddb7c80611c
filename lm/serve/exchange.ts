import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type GenerateOptions, readGenerateOptions } from '../generation/options.ts';
import type { Segment } from '../generation/segments.ts';
import type { LanguageModel, Prompt } from '../language-model.ts';
import { type ApiError, wrongField } from './errors.ts';
import { EventStream } from './event-stream.ts';
import type { CheckedServeOptions } from './options.ts';
import type { Scheduler } from './scheduler.ts';
import type { ServeTelemetry } from './telemetry.ts';

/** What all requests share. */
export interface Service {
  readonly model: LanguageModel;
  /** The name of the model. */
  readonly id: string;
  /** When the server began, in seconds since 1970. */
  readonly created: number;
  /** How many tokens the model tells apart. */
  readonly vocabularySize: number;
  readonly scheduler: Scheduler;
  readonly telemetry: ServeTelemetry;
  readonly options: CheckedServeOptions;
  /** What a client is told of an error; those that are no fault of clients' are reported. */
  refusal(error: unknown): ApiError;
}

/** An answer that was taken on. */
export interface StartedAnswer {
  readonly promptTokens: number;
  readonly segments: AsyncGenerator<Segment, void, undefined>;
}

interface AnswerOptions {
  /** The field that the prompt came in. */
  readonly param: string;
  /** The most tokens that the request asks for. */
  readonly maxTokens: number | undefined;
  readonly sampling: GenerateOptions;
  readonly tools?: readonly object[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One request and what answers it. */
export class Exchange {
  readonly service: Service;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;

  constructor(service: Service, request: FastifyRequest, reply: FastifyReply) {
    this.service = service;
    this.#request = request;
    this.#reply = reply;
    const gone = new AbortController();
    this.signal = gone.signal;
    const leave = () => gone.abort(new DOMException('the client is gone', 'AbortError'));
    // It may have gone while its request was read.
    if (reply.raw.destroyed) leave();
    else reply.raw.once('close', leave);
  }

  /** The fields that most answers begin with. */
  head(prefix: string, object: string): { id: string; object: string; created: number; model: string } {
    const created = Math.floor(Date.now() / 1000);
    return { id: newId(prefix), object, created, model: this.service.id };
  }

  /**
   * Takes an answer on, or refuses it at once.
   * @throws ApiError, ArgumentError, QueueFullError
   */
  answer(prompt: Prompt, { param, maxTokens, sampling, tools, signal = this.signal }: AnswerOptions): StartedAnswer {
    const { model, options, scheduler, telemetry } = this.service;
    const { tokens, splitter } = model.prepare(prompt, { tools });
    const context = model.contextLength ?? Number.POSITIVE_INFINITY;
    const most = Math.min(options.maxPrompt ?? context, context - 1);
    if (tokens.length > most) {
      throw wrongField(
        param,
        `the prompt has ${tokens.length} tokens, and the most are ${most}`,
        'context_length_exceeded',
      );
    }
    const limit = Math.min(maxTokens ?? options.defaultMaxTokens, context - tokens.length);
    const checked = readGenerateOptions({ ...sampling, maxTokens: limit, prefillStepSize: options.prefillStepSize });
    const path = this.#request.routeOptions.url ?? '';
    const watch = telemetry.answer(path, this.#request.headers, tokens.length);
    const client = this.#request.ip;
    const { started: onStart } = watch;
    try {
      const segments = scheduler.submit({ tokens, splitter, options: checked, client, signal, onStart });
      return { promptTokens: tokens.length, segments: watch.follow(segments) };
    } catch (error) {
      watch.refused(error);
      throw error;
    }
  }

  /**
   * Answers with events. The status waits for the first of the pieces, so that what is wrong until then is told by it;
   * an error after that is an event.
   */
  async events<Piece>(
    pieces: AsyncGenerator<Piece, void, undefined>,
    send: (events: EventStream, pieces: AsyncIterable<Piece>) => Promise<void>,
  ): Promise<undefined> {
    const first = await pieces.next();
    if (this.signal.aborted) {
      await pieces.return();
      return undefined;
    }
    this.#reply.hijack();
    const { raw } = this.#reply;
    raw.setHeader('x-request-id', this.#request.id);
    const events = new EventStream(raw, this.signal, this.service.options.stallTimeoutMs);
    try {
      await send(events, continued(first, pieces));
    } catch (error) {
      if (this.signal.aborted) return undefined;
      await events.send(this.service.refusal(error).body).catch(() => undefined);
    } finally {
      await pieces.return();
      events.end();
    }
    return undefined;
  }
}

async function* continued<Piece>(
  first: IteratorResult<Piece, void>,
  rest: AsyncGenerator<Piece, void, undefined>,
): AsyncGenerator<Piece, void, undefined> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '')}`;
}

/** How many tokens of the prompt were not computed, since an answer before had them, as its last segment says. */
export function cachedIn(segments: readonly (Segment | undefined)[]): number {
  return segments.reduce((sum, segment) => sum + (segment?.statistics?.cachedTokens ?? 0), 0);
}

/** The counts of `usage`. */
export function usageOf(promptTokens: number, completionTokens: number, cachedTokens: number) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}
