import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadAddon } from './loader.ts';

const { addon } = loadAddon();
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-pipe-'));
execFileSync('mkfifo', [join(folder, 'pipe')]);
const pipe = openSync(join(folder, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK);

afterAll(() => {
  closeSync(pipe);
  rmSync(folder, { recursive: true });
});

it('waits for a pipe to have something, and no longer', () => {
  expect(addon.isReadable(pipe, 0)).toBe(false);
  const start = performance.now();
  expect(addon.isReadable(pipe, 20)).toBe(false);
  expect(performance.now() - start).toBeGreaterThan(15);
  writeSync(pipe, 'x');
  const filled = performance.now();
  expect(addon.isReadable(pipe, 1000)).toBe(true);
  expect(performance.now() - filled).toBeLessThan(900);
});

it.each([
  [-1, 0],
  [pipe, -1],
  [pipe, 1001],
  [pipe, Number.NaN],
  ['pipe', 0],
])('refuses %s and %s', (descriptor, milliseconds) => {
  const failure = { message: expect.stringContaining('expected an open descriptor') };
  expect(addon.isReadable(descriptor as number, milliseconds)).toMatchObject(failure);
});
