import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  configure,
  core as mx,
  pythonPool,
  registry,
  shutdown,
  WorkerTimeoutError,
} from '../../mlx/index.ts';
import { haveEnded } from '../../python-bridge/test-support/processes.ts';
import { askChild } from '../support/children.ts';

const python = { implementation: 'python' } as const;
const nap = registry.register({ name: 'naps.sleep', python: 'time:sleep' });
configure({ pythonModules: ['time'] });

afterEach(() => configure({ callTimeoutMs: 60_000 }));
afterAll(() => shutdown({ graceMs: 0 }));

describe('mx.withDeadline', () => {
  it('bounds what the function asks of Python, and nothing else', async () => {
    const x = mx.ones([2], python);
    const late = mx.withDeadline(200, () => nap.async(600));
    await expect(late).rejects.toThrow(WorkerTimeoutError);
    expect(mx.withDeadline(0, () => mx.add(mx.ones([2]), 1).tolist())).toEqual([2, 2]);
    expect(() => mx.withDeadline(0, () => mx.ones([2], python))).toThrow(WorkerTimeoutError);
    expect(mx.ones([2], python).tolist()).toEqual([1, 1]);
    x.dispose();
  });

  it('counts the start of the first worker, be it cold', async () => {
    const timed = async (use: () => unknown): Promise<number> => {
      await shutdown();
      const begun = performance.now();
      expect(use).not.toThrow();
      return performance.now() - begun;
    };
    const late = () => expect(() => mx.withDeadline(1, () => mx.ones([2], python))).toThrow(WorkerTimeoutError);
    const starts = async () => [await timed(late), await timed(() => mx.ones([2], python))] as const;
    // On a busy machine any one of them may take long.
    for (let tries = 1; ; tries++) {
      const [given, whole] = await starts();
      if (given < whole / 2) break;
      expect(tries).toBeLessThan(8);
    }
  });

  it('names what waited for a worker that was not ready in time', async () => {
    for (const [name, use] of [
      ['mx.ones', () => mx.ones([2], python)],
      ['mx.array', () => mx.withImplementation('python', () => mx.array([1]))],
      ['naps.sleep', () => registry.callAsync('naps.sleep', 0)],
      ['pythonPool.start', () => pythonPool.start(1)],
    ] as const) {
      const late = () => mx.withDeadline(1, async () => use()).catch((error: unknown) => error);
      let error: unknown;
      // On a busy machine this process may block until the worker is ready.
      for (let tries = 0; tries < 5 && !String(error).includes('no Python worker was ready within'); tries++) {
        await shutdown();
        error = await late();
      }
      expect(error).toMatchObject({ name: 'WorkerTimeoutError', operation: name });
      expect(String(error)).toContain(`${name}: no Python worker was ready within`);
    }
  });

  it('inside another only shortens, and follows asynchronous code', async () => {
    const outer = mx.withDeadline(1000, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1100));
      return mx.withDeadline(60_000, () => mx.ones([1], python));
    });
    const beside = mx.ones([3], python).tolist();
    await expect(outer).rejects.toThrow(WorkerTimeoutError);
    expect(beside).toEqual([1, 1, 1]);
  });

  it('refuses what is no time and what is no function', () => {
    expect(() => mx.withDeadline(-1, () => 1)).toThrow(ArgumentError);
    expect(() => mx.withDeadline('1' as never, () => 1)).toThrow(/milliseconds from 0 up/);
    expect(() => mx.withDeadline(1, 2 as never)).toThrow(ArgumentError);
  });
});

describe('a signal', () => {
  it('ends a call by name, a read and an evaluation', async () => {
    const x = mx.ones([2], python);
    const busy = nap.async(0.5);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      registry.callAsync('naps.sleep', 0.1, { signal }),
      registry.callAsync('add', x, x, { signal, ...python }),
      x.data({ signal }),
      mx.asyncEval(x, { signal }),
    ];
    const outcomes = Promise.allSettled(calls);
    controller.abort();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    }
    await busy;
    expect(x.tolist()).toEqual([1, 1]);
  });

  it('that never aborts changes nothing', async () => {
    const { signal } = new AbortController();
    const sum = (await registry.callAsync('add', mx.array([1]), 2, { signal })) as mx.Array;
    expect(sum.tolist()).toEqual([3]);
  });
});

describe('the pool', () => {
  it('starts ahead, and says what its workers do', async () => {
    await pythonPool.start(1);
    const { workers, perWorker } = pythonPool.stats();
    expect(workers).toBeGreaterThanOrEqual(1);
    expect(perWorker[0]).toMatchObject({ worker: 0, state: 'idle' });
    await expect(pythonPool.start(-1)).rejects.toThrow(ArgumentError);
    await expect(shutdown({ graceMs: Number.NaN })).rejects.toThrow(ArgumentError);
  });

  it('of spares and sessions keeps no process alive, and leaves none behind', async () => {
    const pids = await askChild<number[]>(`
      configure({ spareWorkers: 1, poolSize: 2 });
      const x = mx.ones([1], { implementation: 'python' });
      for (let i = 0; library.pythonPool.stats().spares < 1 && i < 3000; i++) {
        x.tolist();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const session = mx.session();
      session.run(() => mx.ones([2], { implementation: 'python' }));
      report(library.pythonPool.stats().perWorker.flatMap(({ pid }) => pid ?? []));`);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(await haveEnded(pids, 30_000)).toBe(true);
  });
});
