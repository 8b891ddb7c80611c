import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesBelow } from '../../native-backend/sources.mjs';
import { hashInputs, writeWhole } from './stamps.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stamps-'));
  writeFileSync(join(folder, 'a.cc'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the hash follows values, file contents and file names', () => {
  const before = hashInputs({ values: [1], files: [folder] });
  expect(hashInputs({ values: [1], files: [folder] })).toBe(before);
  expect(hashInputs({ values: [2], files: [folder] })).not.toBe(before);
  writeFileSync(join(folder, 'a.cc'), 'two');
  const changed = hashInputs({ values: [1], files: [folder] });
  expect(changed).not.toBe(before);
  writeFileSync(join(folder, 'b.cc'), '');
  expect(hashInputs({ values: [1], files: [folder] })).not.toBe(changed);
});

test('a missing file is no error: its step decides whether it needs it', () => {
  expect(filesBelow(join(folder, 'nothing'))).toEqual([]);
});

test('a file written whole leaves no partial one behind', () => {
  writeWhole(join(folder, 'stamp.json'), 'text');
  expect(filesBelow(folder).map((path) => path.slice(folder.length + 1))).toEqual(['a.cc', 'stamp.json']);
});
