// Each trap that others fell into when they drove Python over pipes has a test of its name here.

import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { settleGarbage } from '../../foundation/test-support/collect-garbage.ts';
import { configure, core as mx, registry, shutdown, WorkerTimeoutError } from '../../mlx/index.ts';
import { haveEnded } from '../../python-bridge/test-support/processes.ts';
import { runChild } from '../support/children.ts';

const folder = mkdtempSync(join(tmpdir(), 'traps-'));
writeFileSync(
  join(folder, 'trapped.py'),
  `import ctypes
import os
import subprocess
import time

kept = None

def pid():
    return os.getpid()

def echo(text):
    return text

def nap(seconds, answer=None):
    time.sleep(seconds)
    return answer

def hold(seconds):
    """Sleep with the interpreter's lock held: no other thread of Python runs."""
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))

def grandchild():
    return subprocess.Popen(["sleep", "300"]).pid

def keep(function):
    global kept
    kept = function

def call_kept(value):
    return kept(value)
`,
);

const own = (name: string) => registry.register({ name: `trap.${name}`, python: `trapped:${name}` });
const PYTHON = { implementation: 'python' } as const;

beforeAll(() => configure({ pythonModules: ['trapped'], pythonFolders: [folder] }));
afterEach(async () => {
  await shutdown();
  configure({ poolSize: 1, callTimeoutMs: 60_000, sharedMemoryBytes: 2 ** 30, telemetry: 'metrics' });
});
afterAll(() => shutdown());

function bytesOf(values: unknown): Buffer {
  return Buffer.from((values as Float32Array<ArrayBuffer>).buffer);
}

it('chunk ≠ message', async () => {
  const echo = own('echo');
  const texts = Array.from({ length: 40 }, (_, i) => String.fromCodePoint(97 + (i % 26)).repeat((i * 7919) % 300_000));
  expect(await Promise.all(texts.map((text) => echo.async(text)))).toEqual(texts);
});

it('heartbeat on the compute thread counts as an exit', async () => {
  const [pid, hold] = [own('pid'), own('hold')];
  const before = pid();
  // Longer than all the heartbeats that an idle worker may miss.
  await hold.async(11.5);
  expect(pid()).toBe(before);
});

it('a late answer given to the next call', async () => {
  const [nap, echo] = [own('nap'), own('echo')];
  echo('warm');
  configure({ callTimeoutMs: 400 });
  await expect(nap.async(1.5, 'late')).rejects.toThrow(WorkerTimeoutError);
  configure({ callTimeoutMs: 60_000 });
  expect(echo('mine')).toBe('mine');
  await sleep(1500);
  expect(echo('mine too')).toBe('mine too');
});

it('logging that forces evaluation', () => {
  const lines: string[] = [];
  const log = (...all: unknown[]) => void lines.push(all.map(String).join(' '));
  const logger = { error: log, warn: log, info: log, debug: log, verbose: log };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
  configure({ telemetry: 'spans' });
  try {
    // Terabytes, if the values were read.
    const huge = mx.add(mx.zeros([2 ** 31 - 1, 600], PYTHON), 1, PYTHON);
    expect(huge.shape).toEqual([2 ** 31 - 1, 600]);
    huge.dispose();
    expect(mx.add(1, 2, PYTHON).item()).toBe(3);
    expect(lines.some((line) => line.includes('mlx-router worker'))).toBe(true);
  } finally {
    diag.disable();
  }
});

const BUSY = `
  configure({ pythonModules: ['trapped'], pythonFolders: [${JSON.stringify(folder)}] });
  const { registry } = library;
  const pid = registry.register({ name: 'trap.pid', python: 'trapped:pid' });
  const nap = registry.register({ name: 'trap.nap', python: 'trapped:nap' });
  console.log(pid());
  const nothing = () => undefined;
  nap.async(300).catch(nothing);
`;

it('`worker.terminate()` leaves a busy child running', async () => {
  const { code, stdout } = await runChild(`${BUSY} setTimeout(() => process.exit(0), 200);`);
  expect(code).toBe(0);
  expect(await haveEnded([Number(stdout)], 10_000)).toBe(true);
});

it('PR_SET_PDEATHSIG follows the thread, not the process', async () => {
  const { signal, stdout } = await runChild(`${BUSY} setTimeout(() => process.kill(process.pid, 'SIGKILL'), 200);`);
  expect(signal).toBe('SIGKILL');
  expect(await haveEnded([Number(stdout)], 20_000)).toBe(true);
});

it('grandchildren keep pipes open', async () => {
  const [pid, grandchild] = [own('pid'), own('grandchild')];
  const below = Number(grandchild());
  const worker = Number(pid());
  process.kill(worker, 'SIGKILL');
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(20)) {
    try {
      if (Number(pid()) !== worker) break;
    } catch {
      // The exit is noticed in the middle of a call that may not be repeated.
    }
  }
  expect(Number(pid())).not.toBe(worker);
  expect(await haveEnded([below], 10_000)).toBe(true);
});

it('both pipes full at once', async () => {
  configure({ sharedMemoryBytes: 0 });
  const values = Float32Array.from({ length: 2 ** 20 }, (_, i) => i);
  const up = () => mx.withImplementation('python', () => mx.array(values));
  const there = Array.from({ length: 4 }, up);
  const read = there.map((x) => x.data());
  const more = Array.from({ length: 4 }, up);
  for (const data of [...(await Promise.all(read)), ...(await Promise.all(more.map((x) => x.data())))]) {
    expect(Buffer.compare(bytesOf(data), bytesOf(values))).toBe(0);
  }
});

it('a callback freed while Python still holds it', async () => {
  const trapped = await mx.python.import('trapped');
  await trapped.keep((value: number) => value + 1);
  await settleGarbage();
  expect(await trapped.call_kept(41)).toBe(42);
});

it("segments unlinked by Python's resource tracker", async () => {
  const left = () => readdirSync('/dev/shm').filter((name) => name.startsWith('mlx-router-'));
  const before = left();
  configure({ poolSize: 2 });
  const values = new Float32Array(2 ** 20).fill(7);
  const [a, b] = await Promise.all([mx.session(), mx.session()].map(async (session) => session));
  const make = (session: typeof a) => session?.run(() => mx.withImplementation('python', () => mx.array(values)));
  const [first, second] = [make(a), make(b)];
  const pid = own('pid');
  const exitedPid = Number(a?.run(() => pid()));
  process.kill(exitedPid, 'SIGKILL');
  await haveEnded([exitedPid], 10_000);
  for (const x of [second, first]) expect(Buffer.compare(bytesOf(x?.toTypedArray()), bytesOf(values))).toBe(0);
  expect(left().filter((name) => !before.includes(name))).toEqual([]);
  a?.end();
  b?.end();
});

it('`random.state` is process-global and read-only: replay needs explicit keys', async () => {
  const pid = own('pid');
  mx.random.seed(5);
  const expected = mx.random.normal([64]).tolist();
  mx.random.seed(5);
  const drawn = mx.random.normal([64], PYTHON);
  const worker = Number(pid());
  process.kill(worker, 'SIGKILL');
  await haveEnded([worker], 10_000);
  expect(drawn.tolist()).toEqual(expected);
});
