import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { isRunning } from '../test-support/processes.ts';
import { encodeHead, type Frame, FrameType } from '../wire/frames.ts';
import { pack, unpack } from '../wire/msgpack.ts';
import type { WorkerExit } from './messages.ts';
import { WorkerProcess } from './worker-process.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-worker-'));
const workers: WorkerProcess[] = [];
let folders = 0;
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill();
});
process.once('exit', () => rmSync(root, { recursive: true, force: true }));

interface Started {
  readonly worker: WorkerProcess;
  readonly folder: string;
  readonly frames: { frame: Frame; queueWait: number; duration: number }[];
  readonly callbacks: { callback: number; call: number }[];
  readonly exits: WorkerExit[];
  readonly late: number[];
  readonly withdrawn: number[];
}

/** A worker that is a program of Node's in place of Python. */
function start(program: string, file = process.execPath): Started {
  folders += 1;
  const folder = join(root, String(folders));
  const frames: Started['frames'] = [];
  const callbacks: Started['callbacks'] = [];
  const exits: WorkerExit[] = [];
  const late: number[] = [];
  const withdrawn: number[] = [];
  const command = { kind: 'start', worker: 1, slot: 0, file, args: ['-e', program], env: {}, folder } as const;
  const worker = new WorkerProcess(
    { ...command, maxFrameBytes: 1000, note: '' },
    {
      frame: (frame, queueWait, duration) => frames.push({ frame, queueWait, duration }),
      callback: (frame, call) => callbacks.push({ callback: frame.call, call }),
      release: () => {},
      bell: () => {},
      log: () => undefined,
      exited: (exit) => exits.push(exit),
      late: (call) => late.push(call),
      withdrawn: (call) => withdrawn.push(call),
    },
  );
  workers.push(worker);
  return { worker, folder, frames, callbacks, exits, late, withdrawn };
}

const ECHO = 'process.stdin.pipe(process.stdout)';
const HANG = 'setInterval(() => {}, 1000)';
const frame = (call: number, header: Record<string, unknown>) =>
  encodeHead(FrameType.RESULT, call, pack(header), 0, 1000);
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 15_000, interval: 5 });

it('sends requests and takes their answers, with the times of both', async () => {
  const { worker, frames } = start(ECHO);
  worker.send({
    call: 1,
    budget: 20_000,
    chunks: [frame(1, { v: 'one' }).slice(0, 5), frame(1, { v: 'one' }).slice(5)],
    own: 0,
  });
  worker.send({ call: 2, budget: 20_000, chunks: [frame(2, { v: 'two' })], own: 0 });
  await until(() => frames.length === 2);
  expect(frames.map(({ frame }) => unpack(frame.header))).toEqual([{ v: 'one' }, { v: 'two' }]);
  for (const { queueWait, duration } of frames) expect(duration).toBeGreaterThanOrEqual(queueWait);
});

it('leaves alone what was not asked for', async () => {
  const { worker, frames, exits } = start(ECHO);
  worker.send({ call: 0, budget: 0, chunks: [frame(9, {})], own: 0 });
  worker.send({ call: 3, budget: 20_000, chunks: [frame(3, {})], own: 0 });
  await until(() => frames.length === 1);
  expect(frames[0]?.frame.call).toBe(3);
  expect(exits).toEqual([]);
});

it('ends with what the process said at last', async () => {
  const { exits, folder } = start("console.error('a last word'); process.exitCode = 7");
  await until(() => exits.length === 1);
  expect(exits[0]).toMatchObject({ cause: 'exit', code: 7, signal: null, stderr: 'a last word' });
  await until(() => !existsSync(folder));
});

it('is ended by bytes that are no frame', async () => {
  const { exits, worker } = start(`process.stdout.write(Buffer.alloc(64, 0xff)); ${HANG}`);
  await until(() => exits.length === 1);
  expect(exits[0]).toMatchObject({ cause: 'protocol', message: expect.stringContaining('cannot hold a header') });
  await until(() => !isRunning(worker.pid));
});

it('is ended when a call is over its budget, and says which', async () => {
  const { exits, worker } = start(HANG);
  worker.send({ call: 4, budget: 50, chunks: [frame(4, {})], own: 0 });
  await until(() => exits.length === 1);
  expect(exits[0]).toMatchObject({ cause: 'timeout', call: 4, message: 'it was computing' });
  // Afterwards there is no process to send to, and no exit is reported twice.
  worker.send({ call: 5, budget: 50, chunks: [frame(5, {})], own: 0 });
  worker.beat();
  worker.kill();
  expect(exits).toHaveLength(1);
});

it('that cannot be started says so', async () => {
  const { exits, worker } = start('', join(root, 'there-is-none'));
  await until(() => exits.length === 1);
  expect(exits[0]).toMatchObject({ cause: 'spawn', pid: 0, message: expect.stringContaining('ENOENT') });
  expect(worker.pid).toBe(0);
});

it('is ended when it is idle and misses its heartbeats, not while it computes', async () => {
  const { exits, worker } = start(HANG);
  worker.send({ call: 6, budget: 60_000, chunks: [frame(6, {})], own: 0 });
  for (let i = 0; i < 30; i++) worker.beat();
  expect(exits).toEqual([]);
  const idle = start(HANG);
  for (let i = 0; i < 11; i++) idle.worker.beat();
  expect(idle.exits[0]).toMatchObject({ cause: 'unresponsive', message: 'its watchdog does not answer' });
});

it('stays as long as its watchdog answers', async () => {
  const watchdog = "const beats = require('net').Socket({ fd: 3 }); beats.on('data', (bytes) => beats.write(bytes))";
  const { exits, worker, frames } = start(`${watchdog}; ${ECHO}`);
  worker.send({ call: 8, budget: 20_000, chunks: [frame(8, {})], own: 0 });
  await until(() => frames.length === 1);
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 4; i++) worker.beat();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(exits).toEqual([]);
});

it('leaves by itself when its input ends', async () => {
  const { exits, worker } = start(ECHO);
  await worker.stop(15_000);
  await until(() => exits.length === 1);
  expect(exits[0]).toMatchObject({ cause: 'stopped', code: 0 });
});

it('is ended by force where it does not leave', async () => {
  const { exits, worker, frames } = start(`process.on('SIGTERM', () => {}); ${ECHO}; ${HANG}`);
  worker.send({ call: 7, budget: 20_000, chunks: [frame(7, {})], own: 0 });
  await until(() => frames.length === 1);
  await worker.stop(50);
  expect(exits[0]).toMatchObject({ cause: 'stopped', message: 'did not leave when asked' });
  await until(() => !isRunning(worker.pid));
});

it('takes calls back to JavaScript while a request is in hand, and breaks with a worker that has none', async () => {
  const busy = start(ECHO);
  busy.worker.send({ call: 1, budget: 5000, chunks: [frame(1, {})], own: 0 });
  await until(() => busy.frames.length === 1);
  busy.worker.send({ call: 2, budget: 5000, chunks: [encodeHead(FrameType.CALLBACK, 7, pack({}), 0, 1000)], own: 0 });
  await until(() => busy.callbacks.length === 1);
  expect(busy.callbacks).toEqual([{ callback: 7, call: 2 }]);
  busy.worker.send({ call: 0, budget: 0, chunks: [frame(2, {})], own: 0, resumes: 7 });
  await until(() => busy.frames.length === 2);
  busy.worker.send({ call: 0, budget: 0, chunks: [encodeHead(FrameType.CALLBACK, 8, pack({}), 0, 1000)], own: 0 });
  await until(() => busy.exits.length === 1);
  expect(busy.exits[0]).toMatchObject({ cause: 'protocol', message: expect.stringContaining('no request in hand') });
});
