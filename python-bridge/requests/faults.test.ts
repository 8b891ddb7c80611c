import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  BackendUnavailableError,
  ProtocolError,
  TensorLostError,
  VersionMismatchError,
  WorkerDiedError,
  WorkerTimeoutError,
} from '../../foundation/errors/errors.ts';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync, runOwn, thrown } from '../test-support/backends.ts';
import { fakePython, READY } from '../test-support/fake-python.ts';
import { haveEnded, isRunning } from '../test-support/processes.ts';

describe('a worker that exits', () => {
  it('while it is idle loses its tensors without recovery, and the next call starts another', async () => {
    const python = backend({ recovery: false });
    const lost = floats(python, 1);
    process.kill(runOwn(python, 'pid') as number, 'SIGKILL');
    expect(thrown(() => run(python, ADD, lost, lost))).toBeInstanceOf(Error);
    const error = thrown(() => run(python, ADD, lost, lost));
    expect(error).toBeInstanceOf(TensorLostError);
    expect(error.message).toContain('SIGKILL');
    expect(python.isAlive(lost)).toBe(true);
    expect(python.describe(lost).shape).toEqual([1]);
    expect(() => python.read(lost)).toThrow(TensorLostError);
    await expect(python.evalAsync([lost])).rejects.toThrow(TensorLostError);
    python.free(lost);
    expect(read(python, run(python, ADD, floats(python, 1), floats(python, 2)))).toEqual([3]);
    expect(python.stats()).toMatchObject({ workers: 1, restarts: 1, liveTensors: 3 });
  });

  it('in a call says so with the end of its stderr', () => {
    const python = backend();
    const error = thrown(() => runOwn(python, 'exit_with', 3, 'the disk is full'));
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.message).toMatch(/own\.exit_with: .*exit code 3/);
    expect(error.message).toContain('the disk is full');
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('shows the end of a flood of stderr only', () => {
    const python = backend();
    runOwn(python, 'flood', 50_000);
    const { message } = thrown(() => runOwn(python, 'exit_with', 1, 'last words'));
    expect(message).toContain('line 49999\nlast words');
    expect(message.length).toBeLessThan(10_000);
  });

  it('by a signal in an asynchronous call fails all that are in flight', async () => {
    const python = backend();
    const pid = runOwn(python, 'pid') as number;
    const calls = [1, 2, 3].map(() => runAsync(python, own('sleep'), [60], {}));
    setTimeout(() => process.kill(pid, 'SIGSEGV'), 50);
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(WorkerDiedError) });
    }
    expect(python.stats().busy).toBe(0);
  });

  it('is noticed although a grandchild holds its pipes open, and takes the grandchild along', async () => {
    const python = backend();
    const grandchild = runOwn(python, 'child') as number;
    process.kill(runOwn(python, 'pid') as number, 'SIGKILL');
    expect(thrown(() => runOwn(python, 'sleep', 30))).toBeInstanceOf(WorkerDiedError);
    expect(await haveEnded([grandchild], 2000)).toBe(true);
  });

  it('again and again is not started without end', async () => {
    const python = backend();
    for (let exit = 0; exit < 5; exit++) {
      expect(thrown(() => runOwn(python, 'exit_with', 1))).toBeInstanceOf(WorkerDiedError);
    }
    const error = thrown(() => runOwn(python, 'pid'));
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error.message).toContain('5 Python workers in a row');
    await python.shutdown();
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('takes its private folder along', async () => {
    const python = backend();
    const folder = String(runOwn(python, 'folder'));
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'leftover'), '');
    await python.shutdown();
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });
});

describe('a worker that a signal ends while it starts', () => {
  /** Ends itself so many times, each time in the midst of its start, and works then. */
  const exiting = (times: number): string => {
    const count = join(mkdtempSync(join(tmpdir(), 'fake-python-')), 'count');
    return fakePython(`const { appendFileSync, readFileSync } = await import('node:fs');
      appendFileSync(${JSON.stringify(count)}, '.');
      const died = readFileSync(${JSON.stringify(count)}, 'utf8').length - 1;
      if (died < ${times}) process.kill(process.pid, 'SIGKILL');
      requests((type, call) => { if (type === 1) { ${READY.replace('0x81, 1,', '0x81, call,')} } else answer(0x82, call, { v: died }); });`);
  };
  const ask = own('pid');

  it('is started again, for a call that blocks and for one that does not', async () => {
    const slept = backend({ pythonPath: exiting(2), operations: () => [ask] });
    expect(run(slept, ask, [], {})).toBe(2);
    const awaited = backend({ pythonPath: exiting(2), operations: () => [ask] });
    expect(await runAsync(awaited, ask, [], {})).toBe(2);
  });

  it('each time is an error that names the signal', async () => {
    const python = backend({ pythonPath: exiting(99) });
    const error = thrown(() => floats(python, 1));
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error.message).toMatch(/did not start as a worker: .*was ended by SIGKILL/);
    await expect(runAsync(python, ask, [], {})).rejects.toThrow(BackendUnavailableError);
  });
});

describe('a worker that hangs', () => {
  it('is killed when the budget is spent, and the next call works', async () => {
    const python = backend({ callTimeoutMs: 300, recovery: false });
    const tensor = floats(python, 1);
    const pid = runOwn(python, 'pid') as number;
    const error = thrown(() => runOwn(python, 'sleep', 600));
    expect(error).toBeInstanceOf(WorkerTimeoutError);
    expect(error.message).toContain('own.sleep: no answer within 300 ms');
    expect(await haveEnded([pid], 2000)).toBe(true);
    expect(() => python.read(tensor)).toThrow(TensorLostError);
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('fails the call that hung with a time-out, and those behind it with the exit of the worker', async () => {
    const python = backend({ callTimeoutMs: 400 });
    runOwn(python, 'pid');
    const hung = runAsync(python, own('sleep'), [600], {});
    const behind = runAsync(python, own('pid'), [], {});
    await expect(hung).rejects.toThrow(WorkerTimeoutError);
    await expect(behind).rejects.toThrow(WorkerDiedError);
    expect(await runAsync(python, own('count'), ['rows'], {})).toBe(2);
  });

  it('is killed even when it is stopped by a signal', () => {
    const python = backend({ callTimeoutMs: 300 });
    process.kill(runOwn(python, 'pid') as number, 'SIGSTOP');
    expect(thrown(() => runOwn(python, 'pid'))).toBeInstanceOf(WorkerTimeoutError);
    expect(runOwn(python, 'count', 'rows')).toBe(2);
  });

  it('while it starts is an error in time', () => {
    const python = backend({ pythonPath: fakePython('setInterval(() => {}, 1000)'), startTimeoutMs: 300 });
    const error = thrown(() => floats(python, 1));
    expect(error).toBeInstanceOf(WorkerTimeoutError);
    expect(error.message).toContain('the start of a Python worker');
    expect(python.status(false)).toMatchObject({ available: false });
  });
});

describe('a Python that does not fit', () => {
  it('because there is none', async () => {
    const python = backend({ pythonPath: '/nowhere/python' });
    expect(python.status(false)).toMatchObject({
      available: false,
      problem: expect.stringContaining('/nowhere/python'),
    });
    expect(python.status(true)).toMatchObject({ available: false });
    expect(thrown(() => floats(python, 1))).toBeInstanceOf(BackendUnavailableError);
    await expect(runAsync(python, own('pid'), [], {})).rejects.toThrow(BackendUnavailableError);
  });

  it('because it is no program', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fake-python-'));
    const file = join(folder, 'python');
    writeFileSync(file, '#!/no/such/interpreter\n', { mode: 0o755 });
    const error = thrown(() => floats(backend({ pythonPath: file }), 1));
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error.message).toContain('could not be started');
  });

  it('because its MLX is of another version', async () => {
    const pythonPath = fakePython(READY.replace('0.32.2', '0.31.0'));
    const python = backend({ pythonPath });
    const error = thrown(() => floats(python, 1));
    expect(error).toBeInstanceOf(VersionMismatchError);
    expect(error.message).toContain('has MLX 0.31.0, expected 0.32.2');
    expect(python.status(false)).toMatchObject({ available: false, problem: error.message });
  });

  it('because it speaks another protocol', () => {
    const python = backend({ pythonPath: fakePython(READY.replace('protocol: 2', 'protocol: 99')) });
    expect(thrown(() => floats(python, 1))).toBeInstanceOf(VersionMismatchError);
  });

  it('because it has no MLX', () => {
    const python = backend({ pythonPath: fakePython(READY.replace("'0.32.2'", 'null')) });
    const error = thrown(() => floats(python, 1));
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error.message).toContain('has no MLX');
  });

  it('because it ends at once, with what it said', () => {
    const python = backend({ pythonPath: fakePython(`console.error('No module named msgpack'); process.exit(1)`) });
    const error = thrown(() => floats(python, 1));
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error.message).toContain('No module named msgpack');
  });
});

describe('a worker that breaks the protocol', () => {
  it('with garbage is killed, and says why', () => {
    const body = `requests((type) => { if (type === 1) { ${READY} } else process.stdout.write('x'.repeat(100)); });`;
    const python = backend({ pythonPath: fakePython(body) });
    const error = thrown(() => runOwn(python, 'pid'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('broke the protocol');
  });

  it('with answers to calls that were not made is not accepted', () => {
    // A late, a foreign and a doubled answer come along with the true one.
    const body = `requests((type, call) => {
      if (type === 1) { ${READY} return; }
      for (const id of [77, call - 1, call, call, 78]) answer(0x82, id, { v: id });
    });`;
    const ask = own('pid');
    const python = backend({ pythonPath: fakePython(body), operations: () => [ask] });
    python.status(true);
    for (const call of [2, 3, 4]) expect(run(python, ask, [], {})).toBe(call);
  });
});

describe('this process', () => {
  const script = (body: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'bridge-')), 'main.mts');
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    writeFileSync(
      file,
      `import { PythonBackend } from ${url('../index.ts')};
       import { own, run, runAsync } from ${url('../test-support/calls.ts')};
       const python = new PythonBackend({
         allowModules: ['bridge_functions'],
         operations: () => [],
         env: { PYTHONPATH: ${JSON.stringify(fileURLToPath(new URL('../test-support', import.meta.url)))} },
       });
       ${body}`,
    );
    return file;
  };

  const start = (body: string) =>
    spawn(process.execPath, [...SOURCE_OPTIONS, script(body)], { stdio: ['ignore', 'pipe', 'inherit'] });

  const output = async (body: string): Promise<{ text: string; code: number | null }> => {
    const child = start(body);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += String(chunk);
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { text, code };
  };

  it.each([
    ['idle', ''],
    ['busy', `void runAsync(python, own('sleep'), [600], {});`],
  ])('leaves no orphan when it is killed and its worker is %s', async (_, work) => {
    const child = start(`
      console.log(run(python, own('pid'), [], {}));
      ${work}
      setInterval(() => {}, 1000);`);
    const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
    expect(isRunning(pid)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    child.kill('SIGKILL');
    expect(await haveEnded([pid], 2000)).toBe(true);
  });

  it.runIf(process.platform === 'linux')('leaves no worker behind that was stopped', async () => {
    const child = start(`console.log(run(python, own('pid'), [], {})); setInterval(() => {}, 1000);`);
    const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), { timeout: 15_000 }).toMatch(/\) T/);
    child.kill('SIGKILL');
    expect(await haveEnded([pid], 15_000)).toBe(true);
  });

  it('ends by itself, prints nothing, and takes the workers along', async () => {
    const { text, code } = await output(`console.log(run(python, own('pid'), [], {}));`);
    expect(code).toBe(0);
    expect(text).toMatch(/^\d+\n$/);
    expect(await haveEnded([Number(text)], 2000)).toBe(true);
  });

  it('stays for what it awaits', async () => {
    const { text, code } = await output(`console.log(await runAsync(python, own('sleep'), [0.5, 'awake'], {}));`);
    expect({ text, code }).toEqual({ text: 'awake\n', code: 0 });
  });

  it('takes the workers along when it exits in the middle of a call', async () => {
    const { text } = await output(`
      console.log(run(python, own('pid'), [], {}));
      void runAsync(python, own('sleep'), [600], {});
      setTimeout(() => process.exit(0), 50);`);
    expect(await haveEnded([Number(text)], 2000)).toBe(true);
  });
});

describe('a shutdown', () => {
  it('fails what is in flight, loses the tensors, ends the workers, and can be followed by more', async () => {
    const python = backend({ poolSize: 2 });
    const tensor = floats(python, 1);
    const pid = runOwn(python, 'pid') as number;
    const inFlight = runAsync(python, own('sleep'), [600], {});
    const stopped = python.shutdown();
    await expect(inFlight).rejects.toThrow(WorkerDiedError);
    await stopped;
    expect(await haveEnded([pid], 2000)).toBe(true);
    expect(python.stats().workers).toBe(0);
    expect(() => python.read(tensor)).toThrow(TensorLostError);
    expect(read(python, floats(python, 4) as Handle)).toEqual([4]);
    await python.shutdown();
    await python.shutdown();
  });

  it('of what has never started is nothing', async () => {
    await backend().shutdown();
  });
});
