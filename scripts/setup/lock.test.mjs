import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
vi.doMock('./paths.mjs', () => ({ paths: { build: folder, lock: join(folder, 'setup.lock') } }));
const { noteGroup, takeLock } = await import('./lock.mjs');
const lock = join(folder, 'setup.lock');

afterEach(() => rmSync(lock, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const sleepingProcess = () => spawn('sleep', ['30'], { detached: true, stdio: 'ignore' });
const ended = (child) => new Promise((resolve) => child.on('exit', resolve));

test('the lock of a process that has exited is taken over', async () => {
  const child = sleepingProcess();
  child.kill('SIGKILL');
  await ended(child);
  writeFileSync(lock, JSON.stringify({ pid: child.pid }));
  const waited = vi.fn();
  const release = await takeLock(waited);
  expect(waited).not.toHaveBeenCalled();
  expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(process.pid);
  release();
  expect(() => readFileSync(lock)).toThrow(/ENOENT/);
});

test('a damaged lock is no obstacle', async () => {
  writeFileSync(lock, '{"pid');
  (await takeLock(() => {}))();
});

test.each(['the other set-up', 'what a killed one left running'])('%s is waited for', async (who) => {
  const child = sleepingProcess();
  const gone = spawn('true');
  await ended(gone);
  writeFileSync(lock, JSON.stringify(who.startsWith('the') ? { pid: child.pid } : { pid: gone.pid, group: child.pid }));
  const release = await takeLock((pid) => {
    expect(pid).toBe(child.pid);
    child.kill('SIGKILL');
  });
  expect(child.killed).toBe(true);
  release();
});

test('the group that works is noted only in the own lock', async () => {
  const release = await takeLock(() => {});
  noteGroup(1234);
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual({ pid: process.pid, group: 1234 });
  release();
  noteGroup(99);
  expect(() => readFileSync(lock)).toThrow(/ENOENT/);
});
