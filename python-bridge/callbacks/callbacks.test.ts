import { describe, expect, it, vi } from 'vitest';
import { ArgumentError, OperationError, PythonError } from '../../foundation/errors/errors.ts';
import { Callback, type CallbackFunction, type Handle, type Result } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync, runOwn, thrown } from '../test-support/backends.ts';

const callback = (fn: CallbackFunction): Callback => new Callback(fn);
const first = (args: readonly Result[]): Handle => args[0] as Handle;

describe('a JavaScript function that Python calls', () => {
  it('gets tensors, plain values and keywords, and gives them', () => {
    const python = backend();
    const seen: Result[] = [];
    const fn = callback((args, keywords) => {
      seen.push(args.slice(1), keywords);
      return { sum: run(python, ADD, first(args), first(args)), list: [1.5, null, 'text'] };
    });
    const result = run(python, own('apply'), [fn, floats(python, 1, 2), 'a', [true]], { named: 7 });
    expect(seen).toEqual([['a', [true]], { named: 7 }]);
    const { sum, list } = result as { sum: Handle; list: Result };
    expect(read(python, sum)).toEqual([2, 4]);
    expect(list).toEqual([1.5, null, 'text']);
  });

  it('knows shape and dtype of what it is given without asking', () => {
    const python = backend();
    let calls = 0;
    runOwn(
      python,
      'apply',
      callback((args) => {
        calls = python.stats().calls;
        expect(python.describe(first(args)).shape).toEqual([3]);
        return python.stats().calls - calls;
      }),
      floats(python, 1, 2, 3),
    );
  });

  it('calls Python which calls it, each inside the other', () => {
    const python = backend();
    const factorial: Callback = callback(([n]) =>
      Number(n) < 2 ? 1 : Number(n) * (runOwn(python, 'apply', factorial, Number(n) - 1) as number),
    );
    expect(runOwn(python, 'apply', factorial, 10)).toBe(3_628_800);
    expect(runOwn(python, 'sum_of', factorial, 4)).toBe(10);
  });

  it('that recurses without end ends in a typed error, not with the process', () => {
    const python = backend();
    const forever: Callback = callback(() => runOwn(python, 'apply', forever));
    const error = thrown(() => runOwn(python, 'apply', forever));
    expect(error).toBeInstanceOf(PythonError);
    expect(error.message).toContain('nested more than 64 deep');
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('throws, and the outer call throws the same error', () => {
    const python = backend();
    const own = new TypeError('from JavaScript');
    const fail = callback(() => {
      throw own;
    });
    expect(thrown(() => runOwn(python, 'apply', fail))).toBe(own);
    const nested = callback(() => runOwn(python, 'apply', fail));
    expect(thrown(() => runOwn(python, 'apply', nested))).toBe(own);
    for (const odd of [undefined, null, 7, { toString: 1 }]) {
      const throwing = callback(() => {
        throw odd;
      });
      let caught: unknown = 'nothing';
      try {
        runOwn(python, 'apply', throwing);
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(odd);
    }
    expect(runOwn(python, 'swallow', fail)).toBe('JavaScriptError: TypeError: from JavaScript');
  });

  it('throws, and Python makes its own error of it', () => {
    const python = backend();
    const origin = new Error('from JavaScript');
    const error = thrown(() =>
      runOwn(
        python,
        'rethrow',
        callback(() => {
          throw origin;
        }),
      ),
    );
    expect(error).toBeInstanceOf(PythonError);
    expect(error.message).toContain('LookupError: the function failed');
    expect(error.cause).toBe(origin);
  });

  it('sees errors of Python inside as they are everywhere', () => {
    const python = backend();
    const seen: unknown[] = [];
    const fn = callback(([x]) => {
      seen.push(thrown(() => run(python, ADD, x as Handle, floats(python, 1, 2))));
      seen.push(thrown(() => runOwn(python, 'fail', 'inside')));
      return null;
    });
    runOwn(python, 'apply', fn, floats(python, 1, 2, 3));
    expect(seen[0]).toBeInstanceOf(OperationError);
    expect(seen[1]).toBeInstanceOf(PythonError);
    expect(
      thrown(() =>
        runOwn(
          python,
          'apply',
          callback(() => runOwn(python, 'fail', 'x')),
        ),
      ),
    ).toMatchObject({
      message: expect.stringContaining('LookupError: x'),
    });
  });

  it('gives what has no form on the wire: a typed error', () => {
    const python = backend();
    expect(() =>
      runOwn(
        python,
        'apply',
        callback(() => (() => 1) as never),
      ),
    ).toThrow(ArgumentError);
    expect(() =>
      runOwn(
        python,
        'apply',
        callback(() => 2n ** 70n),
      ),
    ).toThrow(ArgumentError);
    const freed = floats(python, 1);
    python.free(freed);
    expect(
      thrown(() =>
        runOwn(
          python,
          'apply',
          callback(() => freed),
        ),
      ),
    ).toMatchObject({ code: 'ERR_MLX_DISPOSED' });
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('is the same object in Python as long as that holds it', () => {
    const python = backend();
    const fn = callback(() => 1);
    expect(runOwn(python, 'is_same', fn, fn)).toBe(true);
    expect(
      runOwn(
        python,
        'is_same',
        callback(() => 1),
        fn,
      ),
    ).toBe(false);
    expect(runOwn(python, 'is_same', fn, fn)).toBe(true);
  });

  it('cannot be called on another thread of the worker, or while no request runs', () => {
    const python = backend();
    expect(
      runOwn(
        python,
        'in_thread',
        callback(() => 1),
      ),
    ).toContain('on the thread that serves the requests');
    expect(
      runOwn(
        python,
        'call_at_delete',
        callback(() => 1),
      ),
    ).toBe('deleted');
  });

  it('warns here of calls that were refused there, once for each function', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => {
      if (warning.message.includes('lone')) warnings.push(warning);
    };
    process.on('warning', listen);
    try {
      const python = backend();
      const [first, second] = [callback(() => 1), callback(() => 2)];
      // What the thread raises is not read, and the call is over before it does.
      for (const fn of [first, first, second]) expect(runOwn(python, 'in_lone_thread', fn)).toBe('started');
      await vi.waitFor(() => expect(warnings).toHaveLength(2), { timeout: 20_000 });
      for (const { name, message } of warnings) {
        expect(name).toBe('MlxRouterWarning');
        expect(message).toMatch(/on the thread that serves the requests, not on "lone".* \(worker 0, pid \d+\)/);
      }
      // The worker is well.
      expect(runOwn(python, 'apply', first)).toBe(1);
      expect(python.stats().restarts).toBe(0);
    } finally {
      process.off('warning', listen);
    }
  });

  it('runs on the worker that calls, and takes captured tensors of another one there', async () => {
    const python = backend({ poolSize: 2 });
    const here = floats(python, 1);
    const busy = runAsync(python, own('sleep'), [0.3], {});
    const elsewhere = floats(python, 10);
    await busy;
    expect(python.stats().workers).toBe(2);
    const result = runOwn(
      python,
      'apply',
      callback((args) => run(python, ADD, run(python, ADD, elsewhere, elsewhere), first(args))),
      here,
    );
    expect(read(python, result)).toEqual([21]);
    const pids = runOwn(
      python,
      'apply',
      callback(() => [runOwn(python, 'pid'), runOwn(python, 'pid')]),
    ) as number[];
    expect(pids[0]).toBe(pids[1]);
  });
});

describe('an awaited call', () => {
  it('calls functions that are asynchronous', async () => {
    const python = backend();
    const slow = callback(async ([x]) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Number(x) + 1;
    });
    expect(await runAsync(python, own('apply'), [slow, 1], {})).toBe(2);
    const error = new Error('later');
    await expect(runAsync(python, own('apply'), [callback(() => Promise.reject(error))], {})).rejects.toBe(error);
  });

  it('is the only one that may: a call that blocks says so', () => {
    const python = backend();
    const error = thrown(() =>
      runOwn(
        python,
        'apply',
        callback(async () => 1),
      ),
    );
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toContain('synchronous function');
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('answers calls that overlap in the order in which Python can take them', async () => {
    const python = backend();
    const order: string[] = [];
    const delayed = (name: string, milliseconds: number) =>
      callback(async () => {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        order.push(name);
        return name;
      });
    const calls = [
      runAsync(python, own('apply'), [delayed('outer', 10)], {}),
      runAsync(python, own('apply'), [delayed('inner', 60)], {}),
      runAsync(python, own('same'), [3], {}),
    ];
    expect(await Promise.all(calls)).toEqual(['outer', 'inner', 3]);
    expect(order).toEqual(['outer', 'inner']);
    expect(python.stats()).toMatchObject({ busy: 0, restarts: 0 });
  });

  it('never calls a function in the middle of other code', async () => {
    const python = backend({ poolSize: 2 });
    let inside = false;
    const awaited = runAsync(python, own('apply'), [callback(() => inside)], {});
    inside = true;
    expect(runOwn(python, 'sleep', 0.2, 'slept')).toBe('slept');
    inside = false;
    expect(await awaited).toBe(false);
  });

  it('goes on while another worker is waited for', async () => {
    const python = backend({ poolSize: 2 });
    const x = floats(python, 1);
    const awaited = runAsync(python, own('apply'), [callback((args) => run(python, ADD, first(args), x)), x], {});
    expect(read(python, floats(python, 5))).toEqual([5]);
    expect(read(python, await awaited)).toEqual([2]);
  });
});
