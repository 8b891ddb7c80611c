import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { QueueFullError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Result } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync, runOwn } from '../test-support/backends.ts';
import { haveEnded } from '../test-support/processes.ts';

/** Calls a user's operation without waiting for it, to be aborted by the signal. */
function abortable(
  python: ReturnType<typeof backend>,
  signal: AbortSignal,
  name: string,
  ...args: (string | number)[]
): Promise<Result> {
  return python.prepare(own(name)).runAsync([args, {}], { stream: undefined, signal });
}

describe('a deadline', () => {
  it('that passes behind a longer call ends the wait, not the worker', async () => {
    const python = backend();
    const tensor = floats(python, 1);
    const long = runAsync(python, own('sleep'), [1.5, 'done'], {});
    python.deadlines.watch(() => performance.now() + 100);
    const short = runAsync(python, own('pid'), [], {});
    python.deadlines.watch(null);
    await expect(short).rejects.toThrow(/own\.pid: no answer within \d+ ms; its worker was busy/);
    await expect(short).rejects.toThrow(WorkerTimeoutError);
    expect(await long).toBe('done');
    // The late answer is given to no other call, and what it made is freed.
    expect(read(python, run(python, ADD, tensor, tensor))).toEqual([2]);
    expect(python.stats().restarts).toBe(0);
  });

  it('counts the start of a worker, which the budget of a call does not', async () => {
    const patientBackend = backend({ callTimeoutMs: 5 });
    expect(() => floats(patientBackend, 1)).not.toThrow();
    const impatientBackend = backend();
    impatientBackend.deadlines.watch(() => performance.now() + 5);
    expect(() => floats(impatientBackend, 1)).toThrow(WorkerTimeoutError);
    await expect(runAsync(impatientBackend, own('pid'), [], {})).rejects.toThrow(WorkerTimeoutError);
    impatientBackend.deadlines.watch(null);
    expect(read(impatientBackend, floats(impatientBackend, 3))).toEqual([3]);
  });

  it('that is over already sends nothing', () => {
    const python = backend();
    runOwn(python, 'pid');
    const { calls } = python.stats();
    python.deadlines.watch(() => performance.now() - 1);
    expect(() => runOwn(python, 'pid')).toThrow(/its time was over/);
    python.deadlines.watch(null);
    expect(python.stats().calls).toBe(calls);
  });

  it('kills only the hung worker; the work of the others goes on', async () => {
    const python = backend({ poolSize: 2 });
    const long = runAsync(python, own('sleep'), [2, 'whole'], {});
    await sleep(50);
    python.deadlines.watch(() => performance.now() + 15_000);
    await runAsync(python, own('pid'), [], {});
    python.deadlines.watch(() => performance.now() + 200);
    const hung = runAsync(python, own('sleep'), [600], {});
    python.deadlines.watch(null);
    await expect(hung).rejects.toThrow(WorkerTimeoutError);
    expect(await long).toBe('whole');
  });
});

describe('a signal', () => {
  it('that has aborted already sends nothing', async () => {
    const python = backend();
    const reason = new Error('not wanted');
    await expect(abortable(python, AbortSignal.abort(reason), 'pid')).rejects.toBe(reason);
    expect(python.stats().workers).toBe(0);
  });

  it('ends the only call of a worker that holds nothing together with the worker', async () => {
    const python = backend();
    const pid = runOwn(python, 'pid') as number;
    const controller = new AbortController();
    const call = abortable(python, controller.signal, 'sleep', 600);
    setTimeout(() => controller.abort(), 100);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(await haveEnded([pid], 15_000)).toBe(true);
    // The process has exited before this thread gets the report.
    await expect.poll(() => python.stats().workers, { timeout: 15_000 }).toBe(0);
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('leaves a worker alone that holds tensors, or that another call waits for', async () => {
    const python = backend();
    const tensor = floats(python, 5);
    const controller = new AbortController();
    const call = abortable(python, controller.signal, 'sleep', 1);
    setTimeout(() => controller.abort(), 100);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(read(python, tensor)).toEqual([5]);
    python.free(tensor);
    const other = new AbortController();
    const aborted = abortable(python, other.signal, 'sleep', 1);
    const waited = runAsync(python, own('pid'), [], {});
    setTimeout(() => other.abort(), 100);
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await waited).toBeGreaterThan(0);
    expect(python.stats().restarts).toBe(0);
  });

  it('frees what the call makes after all', async () => {
    const python = backend();
    const tensor = floats(python, 1, 2);
    const before = runOwn(python, 'active') as number;
    const busy = runAsync(python, own('sleep'), [0.5], {});
    const controller = new AbortController();
    const operation = own('parts');
    const call = python.prepare(operation).runAsync([[tensor], {}], { stream: undefined, signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await busy;
    // Its answer is read before this one's, and what it made is freed with the next request.
    runOwn(python, 'pid');
    expect(runOwn(python, 'active')).toBe(before);
    expect(python.stats().liveTensors).toBe(1);
  });

  it('ends reads and evaluations', async () => {
    const python = backend();
    const tensor = floats(python, 7);
    const busy = runAsync(python, own('sleep'), [0.5], {});
    const controller = new AbortController();
    const both = [python.readAsync(tensor, controller.signal), python.evalAsync([tensor], controller.signal)];
    controller.abort();
    for (const call of both) await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await busy;
    expect(read(python, tensor)).toEqual([7]);
  });
});

describe('back-pressure', () => {
  it('lets calls beyond the window wait in order, and refuses those beyond the queue', async () => {
    const python = backend({ maxQueue: 100 });
    runOwn(python, 'pid');
    const busy = runAsync(python, own('sleep'), [0.5], {});
    const done: number[] = [];
    const calls = Array.from({ length: 1400 }, async (_, i) => {
      await runAsync(python, own('same'), [i], {});
      done.push(i);
    });
    const outcomes = await Promise.allSettled(calls);
    await busy;
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((reason) => reason instanceof QueueFullError)).toBe(true);
    expect(done.length + refused.length).toBe(1400);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(await runAsync(python, own('same'), ['after'], {})).toBe('after');
  });

  it('serves thousands of calls at once in the end', async () => {
    const python = backend();
    const calls = Array.from({ length: 5000 }, (_, i) => runAsync(python, own('same'), [i], {}));
    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i));
    expect(python.stats()).toMatchObject({ waiting: 0, busy: 0 });
  });

  it('gives up waiting at the deadline and at the signal', async () => {
    const python = backend();
    runOwn(python, 'pid');
    const busy = runAsync(python, own('sleep'), [1], {});
    const calls = Array.from({ length: 1100 }, () => runAsync(python, own('same'), [1], {}));
    const controller = new AbortController();
    const aborted = abortable(python, controller.signal, 'same', 2);
    python.deadlines.watch(() => performance.now() + 50);
    const late = runAsync(python, own('same'), [3], {});
    python.deadlines.watch(null);
    const outcomes = Promise.allSettled([aborted, late]);
    await sleep(0);
    expect(python.stats().waiting).toBeGreaterThan(2);
    controller.abort();
    expect(await outcomes).toMatchObject([
      { reason: { name: 'AbortError' } },
      { reason: { message: expect.stringContaining('found no room in a Python worker') } },
    ]);
    await Promise.all([busy, ...calls]);
  });

  it('does not deadlock with both pipes full at once', async () => {
    const python = backend({ sharedMemoryBytes: 0 });
    const text = 'x'.repeat(200_000);
    const calls = Array.from({ length: 400 }, () => runAsync(python, own('same'), [text], {}));
    for (const answer of await Promise.all(calls)) expect((answer as string).length).toBe(text.length);
  });
});
