import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  context,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Segment } from '../generation/segments.ts';

const NAME = 'mlx-router';

/** Spans and metrics of answers, through the OpenTelemetry SDK that the application registered before it served. */
export class ServeTelemetry {
  readonly #model: string;
  readonly #requests;
  readonly #tokens;
  readonly #queueWait;
  readonly #firstToken;

  constructor(model: string) {
    const meter = metrics.getMeter(NAME);
    this.#model = model;
    this.#requests = meter.createCounter('mlx_router.serve.requests', {
      description: 'Requests by path and status.',
    });
    this.#tokens = meter.createCounter('mlx_router.serve.tokens', {
      description: 'Tokens of prompts, and of answers.',
    });
    this.#queueWait = meter.createHistogram('mlx_router.serve.queue.wait', {
      unit: 's',
      description: 'Time an answer waited for its turn.',
    });
    this.#firstToken = meter.createHistogram('mlx_router.serve.time_to_first_token', {
      unit: 's',
      description: 'Time from the request to the first token of its answer, the wait included.',
    });
  }

  /** A request was answered, or its client went away. */
  requested(path: string, status: number | 'gone'): void {
    this.#requests.add(1, { path, status: String(status) });
  }

  /** Watches an answer, with a span of its own in the trace that the headers of its request name. */
  answer(path: string, headers: IncomingHttpHeaders, promptTokens: number): AnswerWatch {
    const attributes: Attributes = { path, model: this.#model };
    const parent = propagation.extract(context.active(), headers);
    const span = trace
      .getTracer(NAME)
      .startSpan('mlx_router.serve.answer', { kind: SpanKind.SERVER, attributes }, parent);
    span.setAttribute('prompt_tokens', promptTokens);
    return new AnswerWatch(span, {
      waited: (ms) => this.#queueWait.record(ms / 1000, attributes),
      first: (ms) => this.#firstToken.record(ms / 1000, attributes),
      ended: (generated) => {
        this.#tokens.add(promptTokens, { ...attributes, kind: 'prompt' });
        this.#tokens.add(generated, { ...attributes, kind: 'answer' });
      },
    });
  }
}

interface AnswerMetrics {
  waited(milliseconds: number): void;
  first(milliseconds: number): void;
  ended(generatedTokens: number): void;
}

class AnswerWatch {
  readonly #span: Span;
  readonly #metrics: AnswerMetrics;
  readonly #start = performance.now();

  constructor(span: Span, metrics: AnswerMetrics) {
    this.#span = span;
    this.#metrics = metrics;
  }

  readonly started = (waitedMs: number): void => {
    this.#span.setAttribute('queue_wait_ms', waitedMs);
    this.#metrics.waited(waitedMs);
  };

  /** There will be no answer. */
  refused(error: unknown): void {
    this.#fail(error);
    this.#span.end();
  }

  #fail(error: unknown): void {
    this.#span.recordException(error instanceof Error ? error : String(error));
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }

  /** The segments as they are. */
  async *follow(segments: AsyncIterable<Segment>): AsyncGenerator<Segment, void, undefined> {
    let count = 0;
    try {
      for await (const segment of segments) {
        if (count++ === 0) {
          const first = performance.now() - this.#start;
          this.#span.setAttribute('time_to_first_token_ms', first);
          this.#metrics.first(first);
        }
        if (segment.finishReason !== undefined) this.#span.setAttribute('finish_reason', segment.finishReason);
        yield segment;
      }
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      this.#span.setAttribute('answer_tokens', count);
      this.#span.end();
      this.#metrics.ended(count);
    }
  }
}
