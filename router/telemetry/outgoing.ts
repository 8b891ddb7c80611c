import { isSpanContextValid, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestObserver, RequestOutcome } from '../../backend/observer.ts';

const VERSION = '00';

/** A span for a request to a worker; undefined where the caller has none that somebody records. */
export function outgoing(name: string, operation: string): RequestObserver | undefined {
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

function end(span: Span, { worker, pid, queueWait, work, error }: RequestOutcome): void {
  if (worker !== undefined && pid !== undefined) span.setAttributes({ worker, pid });
  if (queueWait !== undefined) span.setAttribute('queue_wait_ms', queueWait);
  if (work !== undefined) span.setAttribute('work_ms', work);
  if (error !== undefined) {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
