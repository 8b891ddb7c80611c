import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overlongFiles } from './lengths.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lengths-'));
const git = (...args) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
const write = (name, lines, end = '\n') =>
  writeFileSync(join(folder, name), `${Array(lines).fill('x').join('\n')}${end}`);

beforeAll(() => {
  git('init', '--quiet');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the limit of a file', () => {
  it('is that of lines, whether the last one is ended or not', () => {
    write('just.ts', 5);
    write('open.mjs', 5, '');
    write('over.py', 6);
    write('more.cc', 9, '');
    git('add', '.');
    expect(overlongFiles(folder, 5)).toEqual([
      { path: 'more.cc', lines: 9 },
      { path: 'over.py', lines: 6 },
    ]);
  });

  it('is of sources that are tracked and there', () => {
    write('page.md', 9);
    write('gone.h', 9);
    git('add', '.');
    rmSync(join(folder, 'gone.h'));
    write('scratch.ts', 9);
    const paths = overlongFiles(folder, 5).map(({ path }) => path);
    expect(paths).not.toEqual(expect.arrayContaining(['page.md']));
    expect(paths.filter((path) => ['gone.h', 'scratch.ts'].includes(path))).toEqual([]);
  });
});
