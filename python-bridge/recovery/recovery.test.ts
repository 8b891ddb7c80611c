import { describe, expect, it } from 'vitest';
import { TensorLostError, WorkerDiedError, WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import type { Handle } from '../../foundation/values/values.ts';
import * as kinds from '../../registry/parameters.ts';
import type { PythonBackend } from '../index.ts';
import { ADD, backend, floats, own, read, row, run, runAsync, runOwn, thrown } from '../test-support/backends.ts';

const SPLIT = row(
  'split',
  'mlx.core:split',
  [kinds.array('a'), kinds.int('indices_or_sections'), kinds.int('axis', 0)],
  {
    result: 'arrays',
  },
);
const NORMAL = row(
  'normal',
  'mlx.core.random:normal',
  [
    kinds.shape('shape'),
    kinds.dtype('dtype', null),
    kinds.float('loc', 0),
    kinds.float('scale', 1),
    kinds.key('key', null),
  ],
  { family: 'random', namespace: 'random' },
);
const KEY = row('key', 'mlx.core.random:key', [kinds.int('seed')], { family: 'random', namespace: 'random' });
const pure = (name: string) => ({ ...own(name), pure: true });

function kill(python: PythonBackend): void {
  process.kill(runOwn(python, 'pid') as number, 'SIGKILL');
}

describe('recovery', () => {
  it('makes tensors again whose worker exited while it was idle, and those they are made from', () => {
    const python = backend();
    const a = floats(python, 1, 2);
    const b = run(python, ADD, a, a) as Handle;
    const c = run(python, ADD, b, a) as Handle;
    kill(python);
    expect(read(python, c)).toEqual([3, 6]);
    expect(read(python, a)).toEqual([1, 2]);
    expect(read(python, b)).toEqual([2, 4]);
    expect(python.stats()).toMatchObject({ restarts: 1, liveTensors: 3 });
  });

  it('does so in turns of the event loop too, once for all that wait', async () => {
    const python = backend();
    const a = floats(python, 1);
    const b = run(python, ADD, a, a) as Handle;
    kill(python);
    const sums = await Promise.all([runAsync(python, ADD, a, b), runAsync(python, ADD, b, b), python.readAsync(a)]);
    expect(read(python, sums[0] as Handle)).toEqual([3]);
    expect(read(python, sums[1] as Handle)).toEqual([4]);
    expect(python.stats().restarts).toBe(1);
  });

  it('makes again what was freed before the crash, for a while', () => {
    const python = backend();
    const a = floats(python, 1);
    const b = run(python, ADD, a, a) as Handle;
    const c = run(python, ADD, b, b) as Handle;
    python.free(a);
    python.free(b);
    kill(python);
    expect(read(python, c)).toEqual([4]);
    expect(python.stats().liveTensors).toBe(1);
  });

  it('works across a tidy scope that was open during the crash', () => {
    const python = backend();
    const a = floats(python, 1);
    python.scopes.begin();
    const b = run(python, ADD, a, a) as Handle;
    const c = run(python, ADD, b, a) as Handle;
    kill(python);
    const d = run(python, ADD, c, c) as Handle;
    python.scopes.end([d]);
    expect(python.isAlive(b)).toBe(false);
    kill(python);
    expect(read(python, d)).toEqual([6]);
    expect(python.stats().liveTensors).toBe(2);
  });

  it('gives each result of several its own values again', () => {
    const python = backend();
    const [first, second] = run(python, SPLIT, floats(python, 1, 2, 3, 4), 2, 0) as Handle[];
    python.free(first as Handle);
    const [third, fourth] = run(python, SPLIT, second as Handle, 2, 0) as Handle[];
    kill(python);
    expect(read(python, fourth as Handle)).toEqual([4]);
    expect(read(python, third as Handle)).toEqual([3]);
    expect(read(python, second as Handle)).toEqual([3, 4]);
  });

  it('draws the same random numbers again from explicit keys', () => {
    const python = backend();
    const key = run(python, KEY, 7) as Handle;
    const drawn = run(python, NORMAL, [4], null, 0, 1, key) as Handle;
    const before = read(python, drawn);
    kill(python);
    expect(read(python, drawn)).toEqual(before);
  });

  it('repeats a call whose worker exits for another reason while it runs', async () => {
    const python = backend();
    const a = floats(python, 1);
    const pid = runOwn(python, 'pid') as number;
    const slow = runAsync(python, pure('sleep'), [0.3, 'awake'], {});
    const sum = runAsync(python, ADD, a, a);
    python.free(a);
    setTimeout(() => process.kill(pid, 'SIGKILL'), 50);
    expect(await slow).toBe('awake');
    expect(read(python, (await sum) as Handle)).toEqual([2]);
  });

  it('repeats what waits behind a call that is over its budget, but not that call', async () => {
    const python = backend({ callTimeoutMs: 1500 });
    const a = floats(python, 1);
    runOwn(python, 'pid');
    const hung = runAsync(python, pure('sleep'), [600], {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    const sum = runAsync(python, ADD, a, a);
    await expect(hung).rejects.toThrow(WorkerTimeoutError);
    expect(read(python, (await sum) as Handle)).toEqual([2]);
  });

  it('goes on when the worker that takes over exits as well', async () => {
    const python = backend();
    const a = floats(python, 1);
    let b = a;
    for (let i = 0; i < 10; i++) b = run(python, ADD, b, a) as Handle;
    for (let i = 0; i < 3; i++) {
      kill(python);
      expect(read(python, b)).toEqual([11]);
    }
    expect(python.stats().restarts).toBe(3);
  });

  it('brings in values that live in other workers', async () => {
    const python = backend({ poolSize: 2 });
    const a = floats(python, 1);
    const busy = runAsync(python, own('sleep'), [0.2, 'awake'], {});
    // The first worker is at work, so the second one starts.
    const b = floats(python, 10);
    const pids = await Promise.all([busy.then(() => 0)]);
    expect(pids).toEqual([0]);
    const sum = run(python, ADD, a, b) as Handle;
    const twice = run(python, ADD, sum, b) as Handle;
    kill(python);
    expect(read(python, twice)).toEqual([21]);
    expect(read(python, sum)).toEqual([11]);
  });
});

describe('what cannot be made again', () => {
  it('is lost, exactly that, with the reason', () => {
    const python = backend();
    const a = floats(python, 1);
    const opaque = runOwn(python, 'same', a) as Handle;
    const derived = run(python, ADD, opaque, a) as Handle;
    const sound = run(python, ADD, a, a) as Handle;
    kill(python);
    expect(read(python, sound)).toEqual([2]);
    const error = thrown(() => python.read(derived));
    expect(error).toBeInstanceOf(TensorLostError);
    expect(error.message).toContain('SIGKILL');
    expect(error.message).toContain('own.same is not registered with "pure: true"');
    expect(thrown(() => run(python, ADD, a, derived))).toBeInstanceOf(TensorLostError);
    expect(thrown(() => python.read(opaque))).toBeInstanceOf(TensorLostError);
    expect(read(python, sound)).toEqual([2]);
  });

  it('is the result of a call that gave an object with numbers for keys, whose order JavaScript changes', () => {
    const python = backend();
    const numbered = run(python, pure('numbered'), [floats(python, 3)], {}) as Record<string, Handle>;
    expect(read(python, run(python, ADD, numbered['2'] as Handle, numbered['1'] as Handle))).toEqual([9]);
    const parts = run(python, pure('parts'), [floats(python, 3)], {}) as { twice: Handle; list: Handle[] };
    kill(python);
    expect(thrown(() => python.read(numbered['1'] as Handle)).message).toContain('keys are numbers');
    expect(read(python, parts.twice)).toEqual([6]);
    expect(read(python, parts.list[0] as Handle)).toEqual([4]);
  });

  it('is a draw without a key', () => {
    const python = backend();
    const drawn = run(python, NORMAL, [4], null, 0, 1, null) as Handle;
    kill(python);
    expect(thrown(() => python.read(drawn)).message).toContain('had no key');
  });

  it('is everything with recovery off', async () => {
    const python = backend({ recovery: false });
    const a = floats(python, 1);
    kill(python);
    expect(thrown(() => run(python, ADD, a, a))).toBeInstanceOf(Error);
    expect(thrown(() => run(python, ADD, a, a))).toBeInstanceOf(TensorLostError);
    await expect(python.readAsync(a)).rejects.toThrow(TensorLostError);
  });

  it('is what is larger than "recoveryBytes" allows', () => {
    const python = backend({ recoveryBytes: 160 });
    const small = floats(python, 1, 2);
    const large = floats(python, 1, 2, 3);
    kill(python);
    expect(read(python, small)).toEqual([1, 2]);
    expect(thrown(() => python.read(large)).message).toContain('its 12 bytes were not kept');
  });
});

describe('a call that kills its worker twice', () => {
  it('is quarantined: a typed error names it, and its inputs survive', async () => {
    const python = backend();
    const a = floats(python, 1);
    const deadly = pure('exit_with');
    const error = thrown(() => run(python, deadly, [3, 'it was me', a], {}));
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.message).toContain('own.exit_with: 2 Python workers died of this call');
    expect(error.message).toContain('it was me');
    expect(read(python, a)).toEqual([1]);
    await expect(runAsync(python, deadly, [3, 'it was me', a], {})).rejects.toThrow('2 Python workers died');
    expect(read(python, run(python, ADD, a, a))).toEqual([2]);
  });

  it('does not take along those that wait behind it', async () => {
    const python = backend();
    const a = floats(python, 1);
    runOwn(python, 'pid');
    const calls = [
      runAsync(python, pure('exit_with'), [3], {}),
      runAsync(python, ADD, a, a),
      runAsync(python, ADD, a, a),
    ];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});

describe('a long lineage', () => {
  it('is cut by reading what exists, and both halves come back', () => {
    const python = backend();
    const one = floats(python, 1);
    let a = floats(python, 0);
    for (let i = 1; i <= 9000; i++) {
      const next = run(python, ADD, a, one) as Handle;
      python.free(a);
      a = next;
      if (i % 1000 === 0) expect(python.stats().remembered).toBeLessThan(4200);
    }
    kill(python);
    expect(read(python, a)).toEqual([9000]);
    python.free(a);
    python.free(one);
    expect(python.stats()).toMatchObject({ remembered: 0, rememberedBytes: 0 });
  });
});

describe('what was read', () => {
  it('needs no worker any more to come back, whatever made it', async () => {
    const python = backend();
    const first = runOwn(python, 'same', floats(python, 1)) as Handle;
    const second = runOwn(python, 'same', floats(python, 2)) as Handle;
    expect(read(python, first)).toEqual([1]);
    await python.readAsync(second);
    const sum = run(python, ADD, first, second) as Handle;
    kill(python);
    expect(read(python, sum)).toEqual([3]);
  });
});
