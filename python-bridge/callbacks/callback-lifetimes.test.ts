import { describe, expect, it, vi } from 'vitest';
import { WorkerDiedError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import { Callback, type CallbackFunction, type Result } from '../../foundation/values/values.ts';
import { backend, own, runAsync, runOwn, thrown } from '../test-support/backends.ts';
import { fakePython } from '../test-support/fake-python.ts';
import { haveEnded } from '../test-support/processes.ts';

const callback = (fn: CallbackFunction): Callback => new Callback(fn);

describe('a callback freed while Python still holds it', () => {
  it('is not: it is there until Python lets it go', async () => {
    const python = backend();
    let calls = 0;
    (() => {
      runOwn(
        python,
        'keep',
        callback(([x]) => {
          calls += 1;
          return x as number;
        }),
      );
    })();
    globalThis.gc?.();
    expect(runOwn(python, 'call_kept', 5)).toBe(5);
    expect(calls).toBe(1);
    expect(python.stats()).toMatchObject({ callbacks: 1 });
    runOwn(python, 'drop');
    runOwn(python, 'count', 'rows');
    // The news goes through the I/O thread, and may come after the answer.
    await vi.waitFor(() => expect(python.stats()).toMatchObject({ callbacks: 0 }));
  });

  it('is not when it is sent again while the news of its release is on its way', async () => {
    const python = backend();
    const fn = callback(() => 'here');
    const calls = [
      runAsync(python, own('same'), [1], {}),
      runAsync(python, own('apply'), [fn], {}),
      runAsync(python, own('keep'), [fn], {}),
    ];
    await Promise.all(calls);
    expect(runOwn(python, 'call_kept')).toBe('here');
  });

  it('nor do a thousand of them stay, whether they throw or not, or the call cannot be sent', async () => {
    const python = backend({ maxFrameBytes: 100_000 });
    for (let i = 0; i < 1000; i++)
      runOwn(
        python,
        'apply',
        callback(() => i),
      );
    for (let i = 0; i < 100; i++) {
      const throwing = callback(() => {
        throw new Error('no');
      });
      thrown(() => runOwn(python, 'apply', throwing));
      runOwn(python, 'swallow', throwing);
    }
    thrown(() =>
      runOwn(
        python,
        'apply',
        callback(() => 1),
        'x'.repeat(200_000),
      ),
    );
    expect(
      thrown(() =>
        runOwn(
          python,
          'apply',
          callback(() => 'x'.repeat(200_000)),
        ),
      ),
    ).toMatchObject({
      code: 'ERR_MLX_PROTOCOL',
    });
    runOwn(python, 'count', 'rows');
    // The news goes through the I/O thread, and may come after the answer.
    await vi.waitFor(() => expect(python.stats()).toMatchObject({ callbacks: 0 }));
  });

  it('nor do they pile up while nothing lets the event loop run', () => {
    const python = backend();
    for (let i = 0; i < 2000; i++)
      runOwn(
        python,
        'apply',
        callback(() => i),
      );
    expect(python.stats().callbacks).toBeLessThan(1000);
  });

  it('goes with the worker', () => {
    const python = backend();
    runOwn(
      python,
      'keep',
      callback(() => 1),
    );
    thrown(() => runOwn(python, 'exit_with', 1));
    expect(python.stats()).toMatchObject({ callbacks: 0 });
  });
});

describe('in the middle of a callback', () => {
  it('a worker that exits is a typed error everywhere', () => {
    const python = backend();
    const pid = runOwn(python, 'pid') as number;
    const inside: Error[] = [];
    const fn = callback(() => {
      process.kill(pid, 'SIGKILL');
      inside.push(thrown(() => runOwn(python, 'sleep', 10)));
      throw inside[0];
    });
    const error = thrown(() => runOwn(python, 'apply', fn));
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(inside[0]).toBeInstanceOf(WorkerDiedError);
    expect(runOwn(python, 'count', 'rows')).toBe(2);
    expect(python.stats()).toMatchObject({ callbacks: 0, restarts: 1 });
  });

  it('a function that never returns has the budget of the outer call', async () => {
    const python = backend({ callTimeoutMs: 400 });
    const pid = runOwn(python, 'pid') as number;
    const never = callback(() => new Promise<never>(() => {}));
    await expect(runAsync(python, own('apply'), [never], {})).rejects.toThrow(WorkerTimeoutError);
    expect(await haveEnded([pid], 2000)).toBe(true);
    const blocking = callback(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      return 1;
    });
    expect(thrown(() => runOwn(python, 'apply', blocking))).toBeInstanceOf(WorkerTimeoutError);
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('a shutdown fails the outer call', async () => {
    const python = backend();
    let call: Promise<Result> | undefined;
    await new Promise((resolve) => {
      const never = callback(() => {
        resolve(undefined);
        return new Promise<never>(() => {});
      });
      call = runAsync(python, own('apply'), [never], {});
    });
    const failed = expect(call).rejects.toThrow(WorkerDiedError);
    await python.shutdown();
    await failed;
  });
});

/** A worker that answers the handshake, and each call with the given frames. */
function worker(answers: string): ReturnType<typeof backend> {
  return backend({
    pythonPath: fakePython(`requests((type, call) => {
      if (type === 1) answer(0x81, 1, { protocol: 2, python: '3', pid: process.pid, mlx: '0.32.2', blas: '', device: 'cpu', unresolved: [] });
      else if (type === 0x31) answer(0x82, 2, { v: 'answered' });
      else if (type === 3) { ${answers} }
    });`),
  });
}

describe('a worker that has lost its senses', () => {
  it.each([
    ['a function that nobody gave it', `{ fn: 99, args: [] }`],
    ['no function at all', '{}'],
    ['arguments that are none', `{ fn: 1, args: 'x' }`],
    ['a tensor that is none', `{ fn: 1, args: [{ t: 5 }] }`],
  ])('is told so when it calls %s', (_, header) => {
    const python = worker(`answer(0xb0, 7, ${header});`);
    expect(
      runOwn(
        python,
        'apply',
        callback(() => 1),
      ),
    ).toBe('answered');
  });

  it('is killed when it releases what cannot be read', () => {
    for (const frames of [
      `answer(0xb1, 0, { functions: 5 });`,
      `answer(0xb1, 0, { functions: [[5, -1]], errors: [] });`,
    ]) {
      const python = worker(frames);
      expect(() => runOwn(python, 'apply')).toThrow('was stopped');
    }
  });

  it('frees nothing that it does not hold', () => {
    const python = worker(
      `answer(0xb1, 0, { functions: [[1, 1e9], [5, 1]], errors: [1, 2] }); answer(0x82, call, { v: 1 });`,
    );
    expect(
      runOwn(
        python,
        'apply',
        callback(() => 1),
      ),
    ).toBe(1);
    expect(python.stats()).toMatchObject({ callbacks: 0, workers: 1 });
  });
});
