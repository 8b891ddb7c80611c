import { isSpanContextValid, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** What a worker said of a request, or what became of it. Milliseconds. */
export interface Outcome {
  readonly worker: number;
  readonly pid: number;
  /** From the request to the moment that the worker had nothing older to do. */
  readonly queueWait?: number;
  /** What the worker itself took, by its own clock. */
  readonly work?: number;
  readonly error?: unknown;
}

/** A request that leaves this process under a span. */
export interface Outgoing {
  /** The span, as the W3C's trace context writes it. */
  readonly traceparent: string;
  ended(outcome: Outcome): void;
}

const VERSION = '00';

/** A span for a request to a worker; undefined where the caller has none that somebody records. */
export function outgoing(name: string, operation: string): Outgoing | undefined {
  const parent = trace.getActiveSpan();
  if (parent === undefined || !parent.isRecording()) return undefined;
  const span = trace
    .getTracer(name)
    .startSpan('mlx_router.worker', { kind: SpanKind.CLIENT, attributes: { operation } });
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!isSpanContextValid(span.spanContext())) return undefined;
  const flags = traceFlags.toString(16).padStart(2, '0');
  return { traceparent: `${VERSION}-${traceId}-${spanId}-${flags}`, ended: (outcome) => end(span, outcome) };
}

function end(span: Span, { worker, pid, queueWait, work, error }: Outcome): void {
  span.setAttributes({ worker, pid });
  if (queueWait !== undefined) span.setAttribute('queue_wait_ms', queueWait);
  if (work !== undefined) span.setAttribute('work_ms', work);
  if (error !== undefined) {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
