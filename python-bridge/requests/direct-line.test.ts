import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { encodeHead, type Frame, FrameType } from '../wire/frames.ts';
import { pack } from '../wire/msgpack.ts';
import { DirectLine } from './direct-line.ts';

const LIMIT = 2 ** 20;
const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function open(onFrame: (frame: Frame) => void = () => undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-line-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  execFileSync('mkfifo', [join(folder, 'requests'), join(folder, 'answers')]);
  // As the worker does, so that neither waits for the other.
  const requests = openSync(join(folder, 'requests'), 'r+');
  const answers = openSync(join(folder, 'answers'), 'r+');
  cleanUps.push(() => [requests, answers].forEach(closeSync));
  const frames: Frame[] = [];
  const broken: string[] = [];
  const line = new DirectLine(folder, LIMIT, {
    frame(frame) {
      frames.push(frame);
      onFrame(frame);
    },
    broken: (reason) => broken.push(reason),
  });
  cleanUps.push(() => line.close());
  const taken = (): Buffer => {
    const bytes = Buffer.alloc(LIMIT);
    return bytes.subarray(0, readSync(requests, bytes));
  };
  return { folder, line, frames, broken, taken, answer: (bytes: Uint8Array) => writeSync(answers, bytes) };
}

function frame(call: number, payload = 0): Buffer {
  return Buffer.concat([encodeHead(FrameType.RESULT, call, pack({ v: call }), payload, LIMIT), Buffer.alloc(payload)]);
}

it('sends frames together, and leaves no names behind', () => {
  const { folder, line, taken } = open();
  expect(line.send([frame(1), frame(2)])).toBe(true);
  expect(taken()).toEqual(Buffer.concat([frame(1), frame(2)]));
  expect(readdirSync(folder)).toEqual([]);
});

it('sends what is too long, or has no room, not at all', () => {
  const { line, taken } = open();
  expect(line.send([Buffer.alloc(5000)])).toBe(false);
  let sent = 0;
  while (line.send([Buffer.alloc(500)])) sent += 500;
  expect(sent).toBeGreaterThan(0);
  expect(taken()).toHaveLength(sent);
});

it('takes what has come, in whatever pieces', () => {
  const { line, frames, answer } = open();
  line.look();
  expect(frames).toEqual([]);
  answer(frame(1).subarray(0, 5));
  line.look();
  answer(Buffer.concat([frame(1).subarray(5), frame(2, 100)]));
  line.look();
  expect(frames.map(({ call, payload }) => [call, payload.length])).toEqual([
    [1, 0],
    [2, 100],
  ]);
});

it('keeps the order when what it brings looks by itself', () => {
  const order: number[] = [];
  const made = open((frame) => {
    order.push(frame.call);
    if (frame.call === 1) {
      made.answer(Buffer.from(frameOf3));
      made.line.look();
    }
  });
  const frameOf3 = frame(3);
  made.answer(Buffer.concat([frame(1), frame(2)]));
  made.line.look();
  expect(order).toEqual([1, 2, 3]);
});

it('is looked into by the event loop too, once it is asked to', async () => {
  const { line, frames, answer } = open();
  line.attend();
  line.attend();
  answer(frame(7));
  await expect.poll(() => frames.map(({ call }) => call)).toEqual([7]);
  answer(frame(8));
  line.look();
  expect(frames).toHaveLength(2);
});

it('says what is no frame, once', () => {
  const { line, broken, answer } = open();
  answer(Buffer.alloc(13, 0xff));
  line.look();
  line.look();
  expect(broken).toEqual([expect.stringContaining('cannot hold a header')]);
  expect(line.open).toBe(false);
});

it('is of no use when the worker has exited', () => {
  const { line } = open();
  cleanUps.splice(1, 1)[0]?.();
  line.look();
  expect(line.open).toBe(false);
  expect(line.send([frame(1)])).toBe(false);
});

it('is of no use once it is closed, and closes what it has opened', () => {
  const before = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
  const { line } = open();
  line.close();
  line.close();
  expect(line.send([frame(1)])).toBe(false);
  expect(line.ring()).toBe(false);
  line.look();
  line.attend();
  // The two of the other end are still open.
  if (before > 0) expect(readdirSync('/proc/self/fd').length).toBe(before + 2);
});

it('throws, with nothing left open, where there is no worker', () => {
  const before = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
  expect(() => new DirectLine('/no/such/folder', LIMIT, { frame: () => {}, broken: () => {} })).toThrow('ENOENT');
  if (before > 0) expect(readdirSync('/proc/self/fd').length).toBe(before);
});
