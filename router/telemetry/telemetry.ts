import type { Attributes, Meter, MeterProvider, Span, Tracer } from '@opentelemetry/api';
import type { RequestObserver, RequestOutcome } from '../../backend/observer.ts';
import { afterwards } from '../../foundation/afterwards.ts';
import type { AddedBackend, BuiltInBackend, Implementation } from '../../foundation/errors/errors.ts';
import type { Reason } from '../selection/select.ts';
import type { Configuration } from '../settings/settings.ts';
import { openTelemetry, REGISTERED } from './api.ts';

const NAME = 'mlx-router';
/** Of the W3C's trace context. */
const TRACE_VERSION = '00';
/** The API's `SpanStatusCode.ERROR`. */
const ERROR = 2;
/** Numbers of the pool, by their names in its statistics. */
const GAUGES = ['workers', 'busy', 'restarts', 'liveTensors', 'bytesSent', 'bytesReceived', 'sharedBytes'];

/** What computes values: `mx.eval`, and every way of reading them. */
export type EvaluationName = 'eval' | 'read';

/** How often an operation went one way for one reason, or arrays were evaluated where they live. */
export interface Tally {
  readonly operation: string;
  readonly family: string;
  readonly implementation: Implementation;
  /** `resident`: an evaluation, which runs where the arrays are. */
  readonly reason: Reason | 'resident';
  calls: number;
  /** Milliseconds to build or, in Python, to run; of an evaluation, to compute. Only counted where calls are timed. */
  milliseconds: number;
}

export interface Transfers {
  count: number;
  bytes: number;
}

/** Copies by the backend that got them. */
export type TransfersByBackend = Record<BuiltInBackend, Transfers> & { [added in AddedBackend]?: Transfers };

/** What happens in a backend's pool of processes: its kind, and facts that are logged as they are. */
export interface PoolEvent {
  readonly type: string;
  /** Of a call: the milliseconds that it waited for a worker. */
  readonly queueWait?: number;
}

const LEVELS: Readonly<Record<string, 'info' | 'warn'>> = { started: 'info', died: 'warn' };

interface Instruments {
  readonly duration: { record(value: number, attributes: Attributes): void };
  readonly transfer: { record(value: number, attributes: Attributes): void };
  readonly queue: { record(value: number, attributes: Attributes): void };
}

/**
 * Counts every call in plain numbers, which a registered meter reads when it collects. With no SDK there is nothing
 * else to do, so that a native call pays for one addition.
 */
export class Telemetry {
  level: Configuration['telemetry'] = 'metrics';
  /** Whether each call is timed, for the duration histogram or for a routing table. */
  timed = false;
  readonly #tallies = new Map<string, Tally>();
  readonly #evaluations: Record<EvaluationName, { [side in Implementation]?: Tally }> = {
    eval: { native: evaluationTally('eval', 'native'), python: evaluationTally('eval', 'python') },
    read: { native: evaluationTally('read', 'native'), python: evaluationTally('read', 'python') },
  };
  readonly #transfers: TransfersByBackend = {
    native: { count: 0, bytes: 0 },
    python: { count: 0, bytes: 0 },
  };
  readonly #gauges: () => Readonly<Record<string, number>>;
  #provider: MeterProvider | undefined;
  #traced = false;
  #instruments: Instruments | undefined;

  constructor(gauges: () => Readonly<Record<string, number>>) {
    this.#gauges = gauges;
  }

  tally(operation: string, family: string, implementation: Implementation, reason: Reason): Tally {
    const id = `${operation}\0${implementation}\0${reason}`;
    let tally = this.#tallies.get(id);
    if (tally === undefined) {
      tally = { operation, family, implementation, reason, calls: 0, milliseconds: 0 };
      this.#tallies.set(id, tally);
    }
    return tally;
  }

  /** Every way that was taken so far, most calls first. */
  tallies(): Tally[] {
    return this.#all()
      .filter(({ calls }) => calls > 0)
      .sort((a, b) => b.calls - a.calls);
  }

  #all(): Tally[] {
    const { eval: evals, read } = this.#evaluations;
    return [...this.#tallies.values(), ...(Object.values(evals) as Tally[]), ...(Object.values(read) as Tally[])];
  }

  /** Copies made for a call on the other side, by the side that got the copy. */
  transfers(): TransfersByBackend {
    return this.#transfers;
  }

  reset(): void {
    for (const tally of this.#all()) {
      tally.calls = 0;
      tally.milliseconds = 0;
    }
    for (const transfers of Object.values(this.#transfers) as Transfers[]) {
      transfers.count = 0;
      transfers.bytes = 0;
    }
  }

  /** Whether calls have to take the long way, where they are timed or get a span. */
  get watching(): boolean {
    return this.timed || this.level === 'spans' || this.#active !== undefined;
  }

  /** Whether a single call of that backend is observed: it is timed, or has a span. */
  observes(implementation: Implementation): boolean {
    if (this.timed || this.level === 'spans') return true;
    return (
      this.level !== 'off' &&
      (this.#instruments !== undefined || (implementation === 'python' && tracer() !== undefined))
    );
  }

  /** The instruments, while anything is to be measured. */
  get #active(): Instruments | undefined {
    return this.level === 'off' ? undefined : this.#instruments;
  }

  /** Whether evaluations have a span, as of the last `poll`. */
  get traced(): boolean {
    return this.level !== 'off' && this.#traced;
  }

  /** Takes up a meter provider that the application registered since; true when that changed something. */
  poll(): boolean {
    const api = this.level === 'off' ? undefined : openTelemetry();
    if (api === undefined) return false;
    this.#traced = tracer() !== undefined;
    const provider = api.metrics.getMeterProvider();
    if (provider === this.#provider) return false;
    this.#provider = provider;
    const before = this.#instruments;
    const meter = provider.getMeter(NAME);
    // The API's own meter, which does nothing, stands until an SDK is registered.
    this.#instruments = meter === api.createNoopMeter() ? undefined : this.#register(meter);
    return this.#instruments !== before;
  }

  called(tally: Tally, milliseconds: number): void {
    tally.calls++;
    tally.milliseconds += milliseconds;
    const { operation, family, implementation, reason } = tally;
    this.#active?.duration.record(milliseconds / 1000, { operation, family, implementation, reason });
  }

  /** What counts the evaluations on that side. */
  evaluation(name: EvaluationName, side: Implementation): Tally {
    const tallies = this.#evaluations[name];
    let tally = tallies[side];
    if (tally === undefined) {
      tally = evaluationTally(name, side);
      tallies[side] = tally;
    }
    return tally;
  }

  /** Runs what evaluates, and counts it once it has succeeded; it is no call for the meter, which has a span of it. */
  evaluated<T>(name: EvaluationName, side: Implementation, run: () => T): T {
    const tally = this.evaluation(name, side);
    const start = this.timed ? performance.now() : undefined;
    const result = run();
    if (result instanceof Promise) {
      return result.then((value) => {
        count(tally, start);
        return value;
      }) as T;
    }
    // A way of reading that a backend does not have: another one follows.
    if (name === 'eval' || result !== undefined) count(tally, start);
    return result;
  }

  /** Of the pool's events calls become metrics; all else becomes logs through the API's `diag`. */
  readonly follow = (event: PoolEvent): void => {
    if (this.level === 'off') return;
    if (event.type === 'call') {
      this.#instruments?.queue.record((event.queueWait ?? 0) / 1000, { implementation: 'python' });
      return;
    }
    const { type, ...facts } = event;
    openTelemetry()?.diag[LEVELS[type] ?? 'debug'](`mlx-router worker: ${type}`, facts);
  };

  transferred(to: Implementation, bytes: number): void {
    let transfers = this.#transfers[to];
    if (transfers === undefined) {
      transfers = { count: 0, bytes: 0 };
      this.#transfers[to] = transfers;
    }
    transfers.count++;
    transfers.bytes += bytes;
    this.#active?.transfer.record(bytes, { to });
  }

  /** Runs under a span; an error marks it. `always`: also when only metrics are asked for. */
  span<T>(name: string, attributes: Attributes, always: boolean, run: () => T): T {
    const found = this.level === 'off' || (!always && this.level !== 'spans') ? undefined : tracer();
    if (found === undefined) return run();
    return found.startActiveSpan(name, { attributes }, (span) =>
      afterwards(run, { done: () => span.end(), failed: (error) => fail(span, error) }),
    );
  }

  /** A span for a request to a worker; undefined where the caller has none that is recorded. */
  readonly outgoing = (operation: string): RequestObserver | undefined => {
    if (this.level === 'off' || !(REGISTERED in globalThis)) return undefined;
    const api = openTelemetry();
    if (api === undefined || !api.trace.getActiveSpan()?.isRecording()) return undefined;
    const options = { kind: api.SpanKind.CLIENT, attributes: { operation } };
    const span = api.trace.getTracer(NAME).startSpan('mlx_router.worker', options);
    const { traceId, spanId, traceFlags } = span.spanContext();
    if (!api.isSpanContextValid(span.spanContext())) return undefined;
    const flags = traceFlags.toString(16).padStart(2, '0');
    return { traceparent: `${TRACE_VERSION}-${traceId}-${spanId}-${flags}`, ended: (outcome) => end(span, outcome) };
  };

  announce(facts: Attributes): void {
    if (this.level !== 'off') openTelemetry()?.diag.info('mlx-router started', facts);
  }

  #register(meter: Meter): Instruments {
    meter
      .createObservableCounter('mlx_router.calls', { description: 'Calls by operation, backend and reason.' })
      .addCallback((result) => {
        if (this.level === 'off') return;
        for (const { calls, operation, family, implementation, reason } of this.#tallies.values()) {
          if (calls > 0) result.observe(calls, { operation, family, implementation, reason });
        }
      });
    for (const name of GAUGES) {
      const instrument = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      meter.createObservableGauge(`mlx_router.pool.${instrument}`).addCallback((result) => {
        const value = this.level === 'off' ? undefined : this.#gauges()[name];
        if (value !== undefined) result.observe(value);
      });
    }
    return {
      duration: meter.createHistogram('mlx_router.call.duration', {
        unit: 's',
        description: 'Time to build, or in Python to run, one call.',
      }),
      queue: meter.createHistogram('mlx_router.queue.wait', {
        unit: 's',
        description: 'Time a Python call waited for a worker.',
      }),
      transfer: meter.createHistogram('mlx_router.transfer.size', {
        unit: 'By',
        description: 'Bytes copied from one backend to the other.',
      }),
    };
  }
}

function count(tally: Tally, start: number | undefined): void {
  tally.calls++;
  if (start !== undefined) tally.milliseconds += performance.now() - start;
}

function evaluationTally(operation: EvaluationName, implementation: Implementation): Tally {
  return { operation, family: 'evaluation', implementation, reason: 'resident', calls: 0, milliseconds: 0 };
}

/** The tracer of the provider that an application registered: the API's own provider has none behind it until then. */
function tracer(): Tracer | undefined {
  if (!(REGISTERED in globalThis)) return undefined;
  const api = openTelemetry();
  if (api === undefined) return undefined;
  const provider = api.trace.getTracerProvider();
  const isUnregistered = provider instanceof api.ProxyTracerProvider && provider.getDelegateTracer(NAME) === undefined;
  return isUnregistered ? undefined : api.trace.getTracer(NAME);
}

function fail(span: Span, error: unknown): void {
  record(span, error);
  span.end();
}

function record(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: ERROR });
}

function end(span: Span, { worker, pid, queueWait, work, error }: RequestOutcome): void {
  if (worker !== undefined && pid !== undefined) span.setAttributes({ worker, pid });
  if (queueWait !== undefined) span.setAttribute('queue_wait_ms', queueWait);
  if (work !== undefined) span.setAttribute('work_ms', work);
  if (error !== undefined) record(span, error);
  span.end();
}
