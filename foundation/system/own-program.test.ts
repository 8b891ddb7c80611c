import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownProgram } from './own-program.ts';
import { packageRoot } from './package-root.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-router-program-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  return file;
}

it.each([
  ['a source', 'ts', 'foundation/system/own-program.ts'],
  ['a module', 'js', 'foundation/system/own-program.js'],
  ['a shared part', 'js', 'parts/part-1.js'],
  ['an entry', 'js', 'mlx/index.js'],
])('is found from %s, in the same form', (_, extension, asking) => {
  for (const one of ['ts', 'js']) write('room', `child.${one}`);
  expect(ownProgram('room/child', pathToFileURL(join(folder, asking)).href)).toBe(
    join(folder, `room/child.${extension}`),
  );
});

it('is not that of a checkout around the application', () => {
  write('room', 'child.js');
  write('application', 'package.json');
  const asking = write('application', 'out', 'whole.js');
  expect(ownProgram('room/child', pathToFileURL(asking).href)).toBe(join(packageRoot(), 'dist', 'room', 'child.js'));
});

it('is that of the installed package for a bundle of an application', () => {
  const published = join(packageRoot(), 'dist', 'room', 'child.js');
  expect(ownProgram('room/child', pathToFileURL(write('out', 'whole.mjs')).href)).toBe(published);
  expect(ownProgram('room/child', null)).toBe(published);
  expect(ownProgram('room/child', 'https://example.org/whole.js')).toBe(published);
});
