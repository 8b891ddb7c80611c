import { type Context, type TextMapGetter, TraceFlags, trace } from '@opentelemetry/api';

/** Of what an SDK brings along to read the header `traceparent`, what is needed here. */
export const traceContext = {
  inject: () => undefined,
  fields: () => ['traceparent'],
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const [, traceId = '', spanId = ''] = String(getter.get(carrier, 'traceparent')).split('-');
    return trace.setSpanContext(context, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  },
};
