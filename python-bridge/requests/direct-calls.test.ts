import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WorkerTimeoutError } from '../../foundation/errors/errors.ts';
import { Callback } from '../../foundation/values/values.ts';
import { ADD, backend, floats, own, read, run, runAsync, runOwn, thrown } from '../test-support/backends.ts';
import { FrameType } from '../wire/frames.ts';
import { DirectLine } from './direct-line.ts';

const send = vi.spyOn(DirectLine.prototype, 'send');

afterEach(() => {
  send.mockClear();
});

/** The types of the frames that went along the line. */
function types(): number[] {
  return send.mock.calls.flatMap(([chunks], i) =>
    send.mock.results[i]?.value === true ? chunks.map((chunk) => chunk[4] ?? 0) : [],
  );
}

describe.skipIf(availableParallelism() === 1)('a short request', () => {
  it('passes the I/O thread by, and its answer too', () => {
    const python = backend();
    const [a, b] = [floats(python, 1), floats(python, 2)];
    for (let i = 0; i < 100; i++) expect(read(python, run(python, ADD, a, b))).toEqual([3]);
    // On busy cores most polls fail, and then most requests go the other way.
    expect(types()).toEqual(expect.arrayContaining([FrameType.CALL, FrameType.READ]));
  });

  it('is awaited the same way, with many others', async () => {
    const python = backend();
    const [a, b] = [floats(python, 1), floats(python, 2)];
    const sums = await Promise.all(Array.from({ length: 500 }, () => runAsync(python, ADD, a, b)));
    expect(sums.map((sum) => read(python, sum)[0])).toEqual(Array(500).fill(3));
    expect(types()).toContain(FrameType.CALL);
  });

  it('comes before what is too long for the line, and after it', () => {
    const python = backend();
    const long = 'x'.repeat(10_000);
    for (let i = 0; i < 20; i++) {
      expect(runOwn(python, 'same', long)).toBe(long);
      expect(runOwn(python, 'same', i)).toBe(i);
    }
  });

  it('brings an answer for which the line has no room', () => {
    const python = backend();
    const error = thrown(() => runOwn(python, 'fail', 'no '.repeat(1000)));
    expect(error.message).toContain('no no');
    for (let i = 0; i < 5; i++) expect(runOwn(python, 'repeat', 'abc', 100_000)).toHaveLength(300_000);
  });
});

it.skipIf(availableParallelism() === 1)('goes along the line again after a callback was answered past it', () => {
  const python = backend();
  const quick = new Callback(() => 5);
  expect(runOwn(python, 'same', 1)).toBe(1);
  send.mockReturnValueOnce(false);
  for (let i = 0; i < 100; i++) expect(runOwn(python, 'apply', quick)).toBe(5);
  expect(types()).toContain(FrameType.CALLED);
});

describe('a long request', () => {
  it('lets the main thread block until the worker rings', () => {
    const python = backend();
    expect(runOwn(python, 'same', 1)).toBe(1);
    const before = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < 5; i++) expect(runOwn(python, 'sleep', 0.2, i)).toBe(i);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan((performance.now() - start) / 2);
  });

  it('is held to its deadline, blocked for and awaited', async () => {
    const python = backend({ callTimeoutMs: 300 });
    expect(runOwn(python, 'same', 1)).toBe(1);
    expect(thrown(() => runOwn(python, 'sleep', 60))).toBeInstanceOf(WorkerTimeoutError);
    expect(runOwn(python, 'same', 1)).toBe(1);
    await expect(runAsync(python, own('sleep'), [60], {})).rejects.toThrow(WorkerTimeoutError);
    expect(runOwn(python, 'same', 1)).toBe(1);
  });

  it('may call back after the main thread has blocked, and go on for long', () => {
    const python = backend();
    const slow = new Callback(() => runOwn(python, 'sleep', 0.05, 5));
    for (let i = 0; i < 3; i++) expect(runOwn(python, 'apply', slow)).toBe(5);
  });
});

describe.skipIf(availableParallelism() === 1)('where the main thread can block for an answer', () => {
  const waits: number[] = [];
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  /** As the addon's, which this room does not know, except that it says so even where there is nothing. */
  const isReadable = (_: number, milliseconds: number): boolean => {
    waits.push(milliseconds);
    if (milliseconds > 0) Atomics.wait(asleep, 0, 0, Math.min(milliseconds, 0.1));
    return true;
  };

  it('it does after a glance, and at once where glances were in vain', () => {
    const python = backend({ isReadable });
    expect(runOwn(python, 'same', 1)).toBe(1);
    let glances = 0;
    let waited = 0;
    for (let i = 0; i < 10; i++) {
      waits.length = 0;
      expect(runOwn(python, 'sleep', 0.002, i)).toBe(i);
      // Where this process had no processor meanwhile, the answer is there at once.
      const last = waits.at(-1);
      if (last === undefined) continue;
      waited += 1;
      if (waits[0] === 0) glances += 1;
      expect(last).toBeGreaterThan(0);
    }
    expect(waited).toBeGreaterThan(2);
    expect(glances).toBeLessThan(5);
  });

  it('a long call is held to its deadline, and others go on', () => {
    const python = backend({ callTimeoutMs: 300, isReadable });
    expect(runOwn(python, 'same', 1)).toBe(1);
    expect(thrown(() => runOwn(python, 'sleep', 60))).toBeInstanceOf(WorkerTimeoutError);
    for (let i = 0; i < 100; i++) expect(runOwn(python, 'same', i)).toBe(i);
  });

  it('calls back, and takes an answer for which the line has no room', () => {
    const python = backend({ isReadable });
    const slow = new Callback(() => runOwn(python, 'sleep', 0.01, 5));
    for (let i = 0; i < 5; i++) expect(runOwn(python, 'apply', slow)).toBe(5);
    for (let i = 0; i < 5; i++) expect(runOwn(python, 'repeat', 'abc', 100_000)).toHaveLength(300_000);
  });
});

it.runIf(existsSync('/proc/self/stat'))('takes no processor time while idle', async () => {
  const python = backend();
  const [a, b] = [floats(python, 1), floats(python, 2)];
  for (let i = 0; i < 200; i++) run(python, ADD, a, b);
  await runAsync(python, ADD, a, b);
  const pid = Number(runOwn(python, 'pid'));
  await sleep(200);
  const before = [process.cpuUsage(), ticks(pid)] as const;
  await sleep(1000);
  const { user, system } = process.cpuUsage(before[0]);
  expect((user + system) / 1000).toBeLessThan(300);
  // Hundredths of a second.
  expect(ticks(pid) - before[1]).toBeLessThan(20);
});

function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
