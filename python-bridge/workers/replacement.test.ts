import { describe, expect, it, vi } from 'vitest';
import { WorkerDiedError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync, runOwn } from '../test-support/backends.ts';
import { haveEnded } from '../test-support/processes.ts';

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 30_000, interval: 10 });

describe('a worker that has done enough', () => {
  it('makes way for a new one, and loses nothing', async () => {
    const python = backend({ workerMaxRequests: 20 });
    const kept = Array.from({ length: 5 }, (_, i) => floats(python, i, i));
    const pids = new Set<unknown>();
    for (let i = 0; i < 60; i++) {
      pids.add(await runAsync(python, own('pid'), [], {}));
      const sum = run(python, ADD, kept[i % 5] as Handle, kept[i % 5] as Handle);
      expect(read(python, sum)).toEqual([2 * (i % 5), 2 * (i % 5)]);
      python.free(sum as Handle);
    }
    expect(pids.size).toBeGreaterThan(1);
    for (const [i, tensor] of kept.entries()) expect(read(python, tensor)).toEqual([i, i]);
    expect(python.stats().restarts).toBe(0);
    for (const tensor of kept) python.free(tensor);
    await until(() => python.report().recycled > 0);
  });

  it('leaves once what could not be moved is freed', async () => {
    const python = backend({ workerMaxRequests: 3, callTimeoutMs: 20_000 });
    const tensor = floats(python, 1);
    const pid = runOwn(python, 'pid') as number;
    for (let i = 0; i < 5; i++) runOwn(python, 'pid');
    expect(read(python, tensor)).toEqual([1]);
    python.free(tensor);
    expect(await haveEnded([pid], 30_000)).toBe(true);
    expect(python.events.some(({ type }) => type === 'retiring')).toBe(true);
  });

  it('goes by its age and by its memory as well', async () => {
    for (const limit of [{ workerMaxAgeMs: 1 }, { workerMaxResidentBytes: 1 }]) {
      const python = backend(limit);
      const first = runOwn(python, 'pid') as number;
      await until(() => runOwn(python, 'pid') !== first);
      expect(await haveEnded([first], 30_000)).toBe(true);
    }
  });
});

describe('a spare worker', () => {
  it('is there when a worker exits, and is replaced', async () => {
    const python = backend({ spareWorkers: 1 });
    const first = runOwn(python, 'pid') as number;
    await until(() => python.report().spares === 1);
    const spare = python.report().perWorker.find(({ state }) => state === 'spare')?.pid;
    expect(() => runOwn(python, 'exit_with', 1)).toThrow(WorkerDiedError);
    expect(runOwn(python, 'pid')).toBe(spare);
    expect(spare).not.toBe(first);
    expect(python.stats().restarts).toBe(1);
    await until(() => python.report().spares === 1);
    expect(python.stats().workers).toBe(2);
    await python.shutdown();
    expect(python.stats().workers).toBe(0);
  });
});

describe('a report', () => {
  it('gives what each worker is and does', async () => {
    const python = backend({ poolSize: 2 });
    expect(python.report()).toMatchObject({ workers: 0, perWorker: [] });
    await python.start(1);
    const tensor = floats(python, 1);
    const busy = runAsync(python, own('sleep'), [0.3], {});
    const [first, second] = python.report().perWorker;
    expect(first).toMatchObject({ worker: 0, state: 'busy', pending: 1, tensors: 1, sessions: 0 });
    expect(first?.pid).toBeGreaterThan(0);
    expect(second).toMatchObject({ worker: 1, state: 'absent', pid: null });
    await busy;
    expect(python.report().perWorker[0]).toMatchObject({ state: 'idle', pending: 0 });
    python.free(tensor);
    if (process.platform === 'linux') await until(() => (python.report().perWorker[0]?.residentBytes ?? 0) > 2 ** 20);
  });
});

describe('a shutdown with a grace', () => {
  it('lets what is in flight finish, and refuses the rest when it is over', async () => {
    const python = backend();
    runOwn(python, 'pid');
    const short = runAsync(python, own('sleep'), [0.3, 'finished'], {});
    await python.shutdown(20_000);
    expect(await short).toBe('finished');
    runOwn(python, 'pid');
    const hung = runAsync(python, own('sleep'), [600], {});
    const refused = expect(hung).rejects.toThrow(WorkerDiedError);
    await python.shutdown(100);
    await refused;
    expect(python.stats().workers).toBe(0);
  });
});
