import { describe, expect, it } from 'vitest';
import { float32 } from '../../foundation/values/dtypes.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync, runOwn } from '../test-support/backends.ts';

describe('a pool', () => {
  it('starts no worker before one is needed, and no second one for one caller', () => {
    const python = backend({ poolSize: 3 });
    expect(python.status(false)).toMatchObject({ available: true });
    expect(python.stats().workers).toBe(0);
    for (let i = 0; i < 10; i++) runOwn(python, 'pid');
    expect(python.stats().workers).toBe(1);
  });

  it('spreads what runs at the same time', async () => {
    const python = backend({ poolSize: 2 });
    const calls = [1, 2, 3, 4].map(async () => {
      await runAsync(python, own('sleep'), [0.2], {});
    });
    await Promise.all(calls);
    expect(python.stats()).toMatchObject({ workers: 2, busy: 0 });
    const pids = await Promise.all([runAsync(python, own('pid'), [], {}), runAsync(python, own('pid'), [], {})]);
    expect(new Set(pids).size).toBe(2);
  });

  it('starts a worker once, however many wait for it', async () => {
    const python = backend({ poolSize: 1 });
    const pids = await Promise.all([1, 2, 3].map(() => runAsync(python, own('pid'), [], {})));
    expect(new Set(pids).size).toBe(1);
    expect(python.stats().restarts).toBe(0);
  });

  it('keeps a call with its tensors, and moves the smaller ones', async () => {
    const python = backend({ poolSize: 2 });
    const [first, second] = await apart(python);
    const sum = run(python, ADD, first, second);
    expect(read(python, sum)).toEqual([11, 12]);
    expect(python.events.filter(({ type }) => type === 'moved')).toEqual([
      { type: 'moved', from: expect.any(Number), to: expect.any(Number), bytes: 4 },
    ]);
    // It stays where it was moved to.
    run(python, ADD, first, second);
    await runAsync(python, ADD, second, first);
    expect(python.events.filter(({ type }) => type === 'moved')).toHaveLength(1);
    expect(read(python, second)).toEqual([10]);
  });

  it('moves tensors for asynchronous calls too, even when several want the same one', async () => {
    const python = backend({ poolSize: 2 });
    const [first, second] = await apart(python);
    const sums = await Promise.all([1, 2, 3].map(() => runAsync(python, ADD, first, second)));
    expect(sums.map((sum) => read(python, sum))).toEqual([
      [11, 12],
      [11, 12],
      [11, 12],
    ]);
  });

  it('evaluates on several workers in one call', async () => {
    const python = backend({ poolSize: 2 });
    const handles = await apart(python);
    python.eval(handles);
    await python.evalAsync(handles);
  });

  it('goes on with the others when one exits', async () => {
    const python = backend({ poolSize: 2, recovery: false });
    const [first, second] = await apart(python);
    const hung = runAsync(python, own('exit_with'), [1, ''], {});
    await expect(hung).rejects.toThrow();
    const alive = [first, second].filter((handle) => {
      try {
        python.read(handle);
        return true;
      } catch {
        return false;
      }
    });
    expect(alive).toHaveLength(1);
    expect(read(python, run(python, ADD, alive[0] as Handle, floats(python, 1)))).toBeDefined();
  });
});

/** Two tensors, of 8 and of 4 bytes, on two workers. */
async function apart(python: ReturnType<typeof backend>): Promise<[Handle, Handle]> {
  const first = floats(python, 1, 2);
  const busy = runAsync(python, own('sleep'), [1], {});
  const second = python.create(new Uint8Array(Float32Array.of(10).buffer), [1], float32);
  await busy;
  expect(python.stats().workers).toBe(2);
  return [first, second];
}
