import { metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../../foundation/values/dtypes.ts';
import { encode } from '../../foundation/values/elements.ts';
import { Registry } from '../../registry/registry.ts';
import { Router } from '../router.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { FakeBackend } from '../test-support/fake-backend.ts';

let exporter: InMemoryMetricExporter;
const spans = new InMemorySpanExporter();
let provider: MeterProvider;
let native: FakeBackend;
let python: FakeBackend;
let router: Router;
let a: Tensor;

/** What an application does, possibly long after it imported this library. */
function registerSdk(): void {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  metrics.setGlobalMeterProvider(provider);
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
}

async function points(name: string) {
  exporter.reset();
  await provider.forceFlush();
  const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return found.filter(({ descriptor }) => descriptor.name === name).flatMap(({ dataPoints }) => [...dataPoints]);
}

const call = (name: string, ...args: unknown[]) => router.call(router.prepare(name), args) as Tensor;
const spanNames = () => spans.getFinishedSpans().map(({ name }) => name);

beforeEach(() => {
  native = new FakeBackend('native', float32);
  python = new FakeBackend('python', float32);
  router = new Router({
    registry: new Registry(),
    backends: { native, python },
    nextKey: () => a,
    placesOf: () => [],
    isStream: (value): value is never => value === null,
  });
  a = router.create(encode([1, 2, 3], float32), [3], float32);
});

afterEach(async () => {
  spans.reset();
  metrics.disable();
  trace.disable();
  await provider?.shutdown();
});

describe('telemetry with an SDK', () => {
  it('counts each call by operation, family, implementation and reason', async () => {
    registerSdk();
    router.eval([a]);
    call('sum', a);
    call('sum', a);
    call('sum', a, { implementation: 'python' });
    expect(await points('mlx_router.calls')).toMatchObject([
      { value: 2, attributes: { operation: 'sum', family: 'reduction', implementation: 'native', reason: 'ported' } },
      { value: 1, attributes: { operation: 'sum', family: 'reduction', implementation: 'python', reason: 'forced' } },
    ]);
  });

  it('measures the duration of each call, in seconds', async () => {
    registerSdk();
    router.eval([a]);
    call('sum', a);
    const [point] = await points('mlx_router.call.duration');
    expect(point).toMatchObject({
      attributes: { operation: 'sum', family: 'reduction', implementation: 'native', reason: 'ported' },
      value: { count: 1 },
    });
    expect(point?.value).toHaveProperty('sum', expect.closeTo(0, 0));
  });

  it('measures what is moved, in bytes, and where to', async () => {
    registerSdk();
    router.eval([a]);
    call('sum', a, { implementation: 'python' });
    expect(await points('mlx_router.transfer.size')).toMatchObject([
      { attributes: { to: 'python' }, value: { count: 1, sum: 12 } },
    ]);
  });

  it('measures how long Python calls queue, in seconds', async () => {
    registerSdk();
    router.eval([a]);
    router.telemetry.follow({ type: 'call', queueWait: 250 });
    expect(await points('mlx_router.queue.wait')).toMatchObject([{ value: { count: 1, sum: 0.25 } }]);
  });

  it('shows the gauges of the pool', async () => {
    registerSdk();
    router.eval([a]);
    expect(await points('mlx_router.pool.workers')).toMatchObject([{ value: 2 }]);
    expect(await points('mlx_router.pool.live_tensors')).toMatchObject([{ value: 0 }]);
  });

  it('has spans for evaluation, transfers and Python calls, but not for native ones', () => {
    registerSdk();
    call('sum', a, { implementation: 'python' });
    call('sum', a);
    router.eval([a]);
    router.read(a);
    expect(spanNames()).toEqual(['mlx_router.transfer', 'mlx_router.call', 'mlx_router.eval', 'mlx_router.eval']);
    const [transfer, python] = spans.getFinishedSpans();
    expect(python?.attributes).toEqual({ operation: 'sum', implementation: 'python', reason: 'forced' });
    expect(transfer?.attributes).toEqual({ from: 'native', to: 'python' });
  });

  it("has a span for every call with telemetry 'spans'", () => {
    registerSdk();
    router.configure({ telemetry: 'spans' });
    call('abs', a);
    call('sum', a);
    expect(spanNames()).toEqual(['mlx_router.call', 'mlx_router.call']);
  });

  it('marks a span with the error, of asynchronous calls too', async () => {
    registerSdk();
    python.failure = 'boom';
    expect(() => call('sum', a, { implementation: 'python' })).toThrow('boom');
    await expect(router.callAsync(router.prepare('sum'), [a, { implementation: 'python' }])).rejects.toThrow('boom');
    native.failure = 'no memory';
    await expect(router.evalAsync([a])).rejects.toThrow('no memory');
    const failed = spans.getFinishedSpans().filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ name, events }) => [name, events[0]?.attributes?.['exception.message']])).toEqual([
      ['mlx_router.call', 'boom'],
      ['mlx_router.call', 'boom'],
      ['mlx_router.eval', 'no memory'],
    ]);
  });

  it('does nothing at all when it is off', async () => {
    registerSdk();
    router.configure({ telemetry: 'off' });
    call('sum', a, { implementation: 'python' });
    router.eval([a]);
    expect(spanNames()).toEqual([]);
    expect(await points('mlx_router.calls')).toEqual([]);
  });

  it('stops measuring when it is switched off later', async () => {
    registerSdk();
    router.eval([a]);
    call('sum', a);
    router.configure({ telemetry: 'off' });
    call('sum', a);
    const [point] = await points('mlx_router.call.duration');
    expect(point?.value).toMatchObject({ count: 1 });
    expect(router.prepare('sum').usual).not.toBeNull();
  });
});

describe('evaluations', () => {
  const rows = () => router.telemetry.tallies().map(({ operation, calls }) => `${operation} ${calls}`);

  it('are counted where the arrays live, and timed like calls', async () => {
    router.timeCalls(true);
    await router.evalAsync([a]);
    router.read(a);
    await router.readAsync(a);
    router.text(a);
    expect(rows()).toEqual(['read 3', 'eval 1']);
    for (const { milliseconds } of router.telemetry.tallies()) expect(milliseconds).toBeGreaterThan(0);
  });

  it('are not counted where they fail, nor where the backend has no such way', async () => {
    expect(router.item(a)).toBeUndefined();
    router.residency.dispose(a);
    expect(() => router.eval([a])).toThrow();
    await expect(router.evalAsync([a])).rejects.toThrow();
    expect(rows()).toEqual([]);
  });

  it('are no calls for the meter', async () => {
    registerSdk();
    router.eval([a]);
    router.read(a);
    expect(await points('mlx_router.calls')).toEqual([]);
  });
});

describe('telemetry without an SDK', () => {
  it('keeps its own table, and the short cuts', () => {
    call('abs', a);
    router.eval([a]);
    expect(router.prepare('abs').direct).not.toBeNull();
    expect(router.telemetry.tallies()).toMatchObject([
      { operation: 'abs', calls: 1, milliseconds: 0 },
      { operation: 'eval', family: 'evaluation', implementation: 'native', reason: 'resident', calls: 1 },
    ]);
    router.telemetry.reset();
    expect(router.telemetry.tallies()).toEqual([]);
  });

  it('takes up an SDK that is registered later, calls made before included', async () => {
    call('sum', a);
    router.eval([a]);
    registerSdk();
    expect(router.telemetry.poll()).toBe(true);
    expect(router.telemetry.poll()).toBe(false);
    expect(await points('mlx_router.calls')).toMatchObject([{ value: 1, attributes: { operation: 'sum' } }]);
  });

  it('takes it up by itself at the next evaluation, and calls are measured from then on', async () => {
    registerSdk();
    call('sum', a);
    router.eval([a]);
    call('sum', a);
    expect(router.prepare('sum').usual).toBeNull();
    expect(await points('mlx_router.call.duration')).toMatchObject([{ value: { count: 1 } }]);
  });
});
