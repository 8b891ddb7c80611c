import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metrics, propagation, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueueFullError } from '../../foundation/errors/errors.ts';
import { type GenerateOptions, readGenerateOptions } from '../generation/options.ts';
import type { LanguageModel } from '../language-model.ts';
import { Answers } from './answers.ts';
import { readServeOptions } from './options.ts';
import { SlotScheduler } from './scheduler.ts';
import { serve } from './serve.ts';
import { endless, scriptedModel } from './test-support/models.ts';
import { traceContext } from './test-support/trace-context.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-scheduler-'));
let model: LanguageModel;

beforeAll(async () => {
  ({ model } = await scriptedModel(join(root, 'script'), () => endless(65)));
});
afterAll(() => rmSync(root, { recursive: true }));

interface Ask extends GenerateOptions {
  readonly client?: string;
}

/** A scheduler, the order in which answers got their slots and ended, and whose tokens came one after the other. */
function watched(maxConcurrent: number, maxQueue = 64) {
  const answers = new Answers(model, readServeOptions({}));
  const scheduler = new SlotScheduler((...job) => answers.compute(...job), { maxConcurrent, maxQueue });
  const log: string[] = [];
  const tokens: string[] = [];
  const ask = async (name: string, { client = 'one', signal = new AbortController().signal, ...given }: Ask = {}) => {
    const options = readGenerateOptions({ maxTokens: 3, ...given });
    const onStart = () => void log.push(`+${name}`);
    let count = 0;
    for await (const { finishReason } of scheduler.submit({ tokens: [1], options, client, signal, onStart })) {
      count++;
      tokens.push(name);
      if (finishReason !== undefined) log.push(`-${name}`);
    }
    return count;
  };
  return {
    scheduler,
    log,
    tokens,
    ask,
    starts: () => log.filter((entry) => entry.startsWith('+')).map((entry) => entry.slice(1)),
  };
}

describe('a scheduler', () => {
  it('gives clients slots in turn, however many answers each asks for', async () => {
    const { ask, starts } = watched(1);
    const names = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'];
    await Promise.all(names.map((name) => ask(name, { client: name.slice(0, 1) })));
    expect(starts()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('computes as many at once as it may, a token of each in turn', async () => {
    const { scheduler, ask, log, tokens } = watched(2);
    const all = Promise.all(['a', 'b', 'c'].map((name) => ask(name, { maxTokens: 20 })));
    expect([scheduler.running, scheduler.waiting]).toEqual([2, 1]);
    expect(await all).toEqual([20, 20, 20]);
    expect(log.slice(0, 2)).toEqual(['+a', '+b']);
    expect(tokens.slice(0, 40).filter((name, i, all) => name === all[i + 1])).toHaveLength(0);
    expect(log.indexOf('+c')).toBeGreaterThan(log.indexOf('-a'));
    expect([scheduler.running, scheduler.waiting]).toEqual([0, 0]);
  });

  it('lets an answer with a seed draw alone, and what draws nothing pass', async () => {
    const { ask, log } = watched(4);
    const drawn = { temperature: 1 };
    await Promise.all([
      ask('free', drawn),
      ask('seeded', { ...drawn, seed: 1 }),
      ask('later', drawn),
      ask('greedy', {}),
    ]);
    expect(log.indexOf('+greedy')).toBeLessThan(log.indexOf('+seeded'));
    expect(log.indexOf('+seeded')).toBeGreaterThan(log.indexOf('-free'));
    expect(log.indexOf('+later')).toBeGreaterThan(log.indexOf('-seeded'));
  });

  it('refuses what is too much at once, and forgets whom it waits for no more', async () => {
    const { scheduler, ask, log } = watched(1, 1);
    const leaving = new AbortController();
    const first = ask('first');
    const second = ask('second', { signal: leaving.signal });
    await expect(ask('third')).rejects.toThrow(QueueFullError);
    leaving.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    expect(scheduler.waiting).toBe(0);
    await Promise.all([first, ask('fourth')]);
    expect(log).toEqual(['+first', '-first', '+fourth', '-fourth']);
    await expect(ask('fifth', { signal: leaving.signal })).rejects.toThrow('gone');
  });

  it('frees the slot of an answer that is left, and of one that was never read', async () => {
    const { scheduler, ask } = watched(1);
    const submit = (signal: AbortSignal) =>
      scheduler.submit({ tokens: [1], options: readGenerateOptions({ maxTokens: 9 }), client: 'x', signal });
    for await (const _ of submit(new AbortController().signal)) break;
    expect(scheduler.running).toBe(0);
    const unread = new AbortController();
    submit(unread.signal);
    expect(scheduler.running).toBe(1);
    unread.abort();
    expect(scheduler.running).toBe(0);
    expect(await ask('next')).toBe(3);
  });

  it('closes when what runs is done, or cut, and refuses what waits', async () => {
    const { scheduler, ask } = watched(1);
    const running = ask('running', { maxTokens: 1_000_000 });
    const waiting = ask('waiting');
    const outcomes = Promise.allSettled([running, waiting]);
    await scheduler.close(30);
    expect(await outcomes).toMatchObject([{ reason: { status: 503 } }, { reason: { status: 503 } }]);
    await expect(ask('late')).rejects.toMatchObject({ code: 'shutting_down' });
    await watched(1).scheduler.close(0);
  });
});

describe('OpenTelemetry', () => {
  it('gets a span for each answer, in the trace of its request, and counts', async () => {
    const spans = new InMemorySpanExporter();
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const meters = new MeterProvider({ readers: [reader] });
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    metrics.setGlobalMeterProvider(meters);
    propagation.setGlobalPropagator(traceContext);
    const traceId = 'a'.repeat(32);
    const server = await serve(model, { port: 0, maxBody: 500 });
    const post = (body: object) =>
      fetch(`${server.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${'b'.repeat(16)}-01` },
        body: JSON.stringify(body),
      });
    try {
      expect((await post({ prompt: 'abc', max_tokens: 5 })).status).toBe(200);
      expect((await post({ prompt: 'abc', max_tokens: -5 })).status).toBe(400);
      await server.close();
      await meters.forceFlush();
      const [span] = spans.getFinishedSpans();
      expect(spans.getFinishedSpans()).toHaveLength(1);
      expect([span?.name, span?.spanContext().traceId]).toEqual(['mlx_router.serve.answer', traceId]);
      expect(span?.parentSpanContext?.spanId).toBe('b'.repeat(16));
      expect(span?.attributes).toMatchObject({
        path: '/v1/completions',
        model: 'script',
        prompt_tokens: 3,
        answer_tokens: 5,
        finish_reason: 'length',
      });
      const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      const points = (name: string) =>
        found
          .filter(({ descriptor }) => descriptor.name === `mlx_router.serve.${name}`)
          .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ ...attributes, value })));
      expect(points('requests')).toEqual([
        { path: '/v1/completions', status: '200', value: 1 },
        { path: '/v1/completions', status: '400', value: 1 },
      ]);
      expect(points('tokens')).toMatchObject([
        { kind: 'prompt', value: 3 },
        { kind: 'answer', value: 5 },
      ]);
      for (const name of ['queue.wait', 'time_to_first_token']) {
        expect(points(name)).toMatchObject([{ value: { count: 1 } }]);
      }
    } finally {
      await server.close();
      await meters.shutdown();
      trace.disable();
      metrics.disable();
      propagation.disable();
    }
  });
});
