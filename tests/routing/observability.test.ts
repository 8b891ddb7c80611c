import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Context,
  type ContextManager,
  context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configure, core as mx, registry, shutdown } from '../../mlx/index.ts';
import { pythonKron } from '../support/python-only.ts';

const folder = mkdtempSync(join(tmpdir(), 'observability-'));
writeFileSync(
  join(folder, 'observed.py'),
  `import sys
from mlx_router_worker import tracing

def parent():
    return tracing.traceparent()

class Kept:
    def parents(self, xs):
        return [tracing.traceparent() for _ in xs]

def say(text):
    print(text)
    print(text.upper(), file=sys.stderr, flush=True)

def fail():
    raise ValueError('not today')

def sleep(seconds):
    import time
    time.sleep(seconds)
`,
);

/** What an SDK for Node brings along. */
class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => fn.call(thisArg, ...args));
  }
  bind<T>(active: Context, target: T): T {
    return typeof target === 'function'
      ? (((...args: unknown[]) => this.#storage.run(active, () => target(...args))) as T)
      : target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

const spans = new InMemorySpanExporter();
const logged: { level: string; message: string; facts: Record<string, unknown> }[] = [];

beforeAll(() => {
  configure({ pythonModules: ['observed'], pythonFolders: [folder] });
  context.setGlobalContextManager(new Contexts());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  const note = (level: string) => (message: string, facts: unknown) =>
    void logged.push({ level, message, facts: facts as Record<string, unknown> });
  const logger = {
    error: note('error'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
    verbose: note('verbose'),
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
});
afterEach(() => spans.reset());
afterAll(async () => {
  await shutdown();
  trace.disable();
  context.disable();
  diag.disable();
});

const finished = (name: string) => spans.getFinishedSpans().filter((span) => span.name === name);

describe('a call of a worker', () => {
  it('in a pipeline, or in a batch, belongs to the trace of who called', async () => {
    const tracer = trace.getTracer('test');
    const traced = <T>(name: string, use: () => T) =>
      tracer.startActiveSpan(name, (span) => {
        const result = use();
        void Promise.resolve(result).finally(() => span.end());
        return { result, trace: span.spanContext().traceId };
      });
    const parent = registry.register<string>({ name: 'seen.pipelined', python: 'observed:parent' });
    const x = mx.ones([2], { implementation: 'python' });
    const piped = traced('pipeline', () =>
      mx.withImplementation('python', () => mx.pipeline(() => mx.add(mx.exp(x), x).tolist())),
    );
    const batch = finished('mlx_router.worker').find((span) => span.attributes['operation'] === 'mx.pipeline');
    expect(batch?.spanContext().traceId).toBe(piped.trace);
    expect(batch?.attributes['work_ms']).toBeGreaterThanOrEqual(0);
    expect(parent()).toMatch(/^00-/);

    const kept = mx.python.keep<{ parents(x: number): string }>('observed', 'observed:Kept', {
      batch: { size: 2, maxWaitMs: 2000 },
    });
    const calls = [1, 2].map((n) => traced(`call ${n}`, () => kept.parents(n)));
    const [first, second] = await Promise.all(calls.map(({ result }) => result));
    expect(first).toBe(second);
    const workers = finished('mlx_router.worker').filter((span) => span.attributes['operation'] === 'observed.parents');
    expect(workers.map((span) => span.spanContext().traceId)).toEqual(calls.map(({ trace }) => trace));
    const { traceId, spanId } = workers[0]?.spanContext() ?? {};
    expect(first).toBe(`00-${traceId}-${spanId}-01`);
    expect(workers[0]?.attributes['pid']).toBeGreaterThan(0);
  });

  it('is a span below the call, and the worker knows it', () => {
    const parent = registry.register<string>({ name: 'seen.parent', python: 'observed:parent' });
    const traceparent = parent();
    const [call] = finished('mlx_router.call');
    const [worker] = finished('mlx_router.worker').filter((span) => span.attributes['operation'] === 'seen.parent');
    expect(worker?.kind).toBe(SpanKind.CLIENT);
    expect(worker?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
    const { traceId, spanId } = worker?.spanContext() ?? {};
    expect(traceparent).toBe(`00-${traceId}-${spanId}-01`);
  });

  it('says how long the worker took and waited, by its place and process', async () => {
    const sleep = registry.register({ name: 'seen.sleep', python: 'observed:sleep' });
    await sleep.async(0.05);
    const [worker] = finished('mlx_router.worker');
    expect(worker?.attributes).toMatchObject({ worker: 0, pid: expect.any(Number), queue_wait_ms: expect.any(Number) });
    expect(worker?.attributes['work_ms']).toBeGreaterThanOrEqual(50);
  });

  it('that fails marks its span with what Python said', () => {
    const fail = registry.register({ name: 'seen.fail', python: 'observed:fail' });
    expect(() => fail()).toThrow('not today');
    const [worker] = finished('mlx_router.worker');
    expect(worker?.events[0]?.attributes?.['exception.message']).toBe('ValueError: not today');
  });

  it('belongs to the trace of the application, reading and moving too', () => {
    const tracer = trace.getTracer('application');
    tracer.startActiveSpan('work', (span) => {
      pythonKron(mx.array([1, 2]), mx.array([1, 2])).tolist();
      span.end();
    });
    const [work] = finished('work');
    const traces = new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId));
    expect([...traces]).toEqual([work?.spanContext().traceId]);
    expect(finished('mlx_router.worker').length).toBeGreaterThanOrEqual(2);
  });

  it('has no fields without a tracer', () => {
    configure({ telemetry: 'off' });
    try {
      expect(registry.call('seen.parent')).toBeNull();
    } finally {
      configure({ telemetry: 'metrics' });
    }
    expect(spans.getFinishedSpans()).toEqual([]);
  });
});

describe('logs', () => {
  it('name the worker that started', () => {
    const [started] = logged.filter(({ message }) => message === 'mlx-router worker: started');
    expect(started).toMatchObject({ level: 'info', facts: { worker: 0, pid: expect.any(Number) } });
  });

  it('hold what a function prints, on either stream', async () => {
    const say = registry.register({ name: 'seen.say', python: 'observed:say' });
    await say.async('hello');
    const texts = () =>
      logged.filter(({ message }) => message === 'mlx-router worker: log').map(({ facts }) => facts['text']);
    for (let i = 0; i < 200 && texts().length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(texts().sort()).toEqual(['HELLO', 'hello']);
  });

  it('report a worker that exited, and why', async () => {
    const [started] = logged.filter(({ message }) => message === 'mlx-router worker: started');
    const pid = Number(started?.facts['pid']);
    process.kill(pid, 'SIGKILL');
    const ended = () => logged.find(({ message }) => message === 'mlx-router worker: died');
    for (let i = 0; i < 200 && ended() === undefined; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ended()).toMatchObject({
      level: 'warn',
      facts: { worker: 0, pid, reason: expect.stringContaining('SIGKILL') },
    });
  });
});
