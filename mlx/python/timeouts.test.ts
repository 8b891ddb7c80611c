import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import { configure, internals, core as mx, shutdown } from '../index.ts';
import { rejection } from './test-support/rejection.ts';

// biome-ignore lint/suspicious/noExplicitAny: a module without a description.
type Untyped = any;

let pets: Untyped;

beforeAll(() => {
  configure({ pythonModules: ['pets'], pythonFolders: [fileURLToPath(new URL('./test-support', import.meta.url))] });
});
beforeEach(async () => {
  pets = await mx.python.import('pets');
});
afterAll(() => shutdown());

const { kwargs } = mx.python;
/** A signal that aborts in the next turn. */
function soon(): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  return controller.signal;
}

describe('a signal', () => {
  it('ends the wait for a call at once; the worker goes on, and later calls are answered', async () => {
    const error = await rejection(pets.sleep(0.5, kwargs({}, { signal: soon() })));
    expect(error.name).toBe('AbortError');
    expect(await pets.same(1)).toBe(1);
  });

  it('that has aborted lets nothing go', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(pets.Dog('Rex', kwargs({}, { signal: aborted }))).rejects.toThrow('enough');
    await expect(mx.python.import('pets', { signal: aborted })).rejects.toThrow('enough');
    expect(await pets.same(1, kwargs({}, { signal: new AbortController().signal }))).toBe(1);
  });

  it('of a call that gives an object leaves no object behind', async () => {
    const before = await pets.dogs_alive();
    const busy = pets.sleep(0.3);
    const calls = [1, 2, 3].map(() => rejection(pets.Dog('Rex', kwargs({}, { signal: soon() }))));
    for (const { name } of await Promise.all(calls)) expect(name).toBe('AbortError');
    await busy;
    for (let i = 0; (await pets.dogs_alive()) > before; i++) {
      expect(i).toBeLessThan(500);
      globalThis.gc?.();
      // The collector is moved by work.
      const filler = Array.from({ length: 1e5 }, (_, j) => ({ j }));
      expect(filler.length).toBe(1e5);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  it('ends an iteration, whose generator is closed', async () => {
    const seen: unknown[] = [];
    const controller = new AbortController();
    const tokens = await pets.tokens(1000, 0.4);
    const error = await rejection(
      (async () => {
        for await (const token of mx.python.iterate(tokens, { signal: controller.signal })) {
          seen.push(token);
          if (seen.length === 2) setImmediate(() => controller.abort());
        }
      })(),
    );
    expect(error.name).toBe('AbortError');
    expect(seen).toEqual(['t0', 't1']);
    expect(await mx.python.item(pets.log, -1)).toBe('closed');
  });

  it('takes a single call out of a batch, and leaves the others in it', async () => {
    const embedder: Untyped = mx.python.keep('patient', 'pets:make_embedder', {
      batch: { size: 3, maxWaitMs: 20_000 },
    });
    const withdrawn = await rejection(embedder.embed(9, kwargs({}, { signal: soon() })));
    expect(withdrawn.name).toBe('AbortError');
    // Three are a batch, and go.
    const results: [number, number][] = await Promise.all([1, 2, 3].map((x) => embedder.embed(x)));
    expect(results.map(([value]) => value)).toEqual([1, 2, 3]);
  });
});

describe('a time', () => {
  it('is the call its own, and the deadline of the code around it counts as well', async () => {
    const own = await rejection(pets.sleep(600, kwargs({}, { timeoutMs: 100 })));
    expect(own).toBeInstanceOf(WorkerTimeoutError);
    expect(own.message).toContain('pets.sleep: no answer within 100 ms');
    pets = await mx.python.import('pets');
    const around = await rejection(mx.withDeadline(100, () => pets.sleep(600, kwargs({}, { timeoutMs: 60_000 }))));
    expect(around.message).toContain('pets.sleep: no answer within');
  });

  it('bounds each request of an iteration', async () => {
    const tokens = await pets.tokens(3, 600);
    const error = await rejection(mx.python.iterate(tokens, { timeoutMs: 100 }).next());
    expect(error).toBeInstanceOf(WorkerTimeoutError);
  });

  it('of one call in a batch ends its wait alone, and the worker stays', async () => {
    const embedder: Untyped = mx.python.keep('slow', 'pets:make_embedder', {
      kwargs: { delay: 0.8 },
      batch: { size: 2, maxWaitMs: 2000 },
    });
    const restarts = internals.pythonBackend.stats().restarts;
    const [late, scoped, good, better] = await Promise.allSettled([
      embedder.embed(1, kwargs({}, { timeoutMs: 20 })),
      mx.withDeadline(20, () => embedder.embed(2)),
      embedder.embed(3),
      embedder.embed(4),
    ]);
    expect(late).toMatchObject({ status: 'rejected', reason: { name: 'WorkerTimeoutError', operation: 'slow.embed' } });
    expect(scoped).toMatchObject({ status: 'rejected', reason: { name: 'WorkerTimeoutError' } });
    expect([good.status, better.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(internals.pythonBackend.stats().restarts).toBe(restarts);
  });

  it('bounds the start that an import waits for, and names it', async () => {
    await shutdown();
    const error = await rejection(mx.withDeadline(1, () => mx.python.import('pets')));
    expect(error).toMatchObject({ name: 'WorkerTimeoutError', operation: 'mx.python.import' });
  });
});
