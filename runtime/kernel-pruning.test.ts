import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { MOST_KERNELS, pruneKernels } from './kernel-pruning.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with that many kernels; the one of number `i` was made that many minutes ago. */
function kernels(count: number, minutesAgo: (i: number) => number) {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-pruning-'));
  made.push(folder);
  const place = join(folder, 'mlx', '0.32.2', 'cpu');
  mkdirSync(place, { recursive: true });
  for (let i = 0; i < count; i++) {
    const at = Date.now() / 1000 - 60 * minutesAgo(i);
    for (const name of [`k${i}.cpp`, `libk${i}.so`]) {
      writeFileSync(join(place, name), '');
      utimesSync(join(place, name), at, at);
    }
  }
  return { folder, place };
}

it('removes the kernels that were not used for longest, and their sources', () => {
  const { folder, place } = kernels(MOST_KERNELS + 50, (i) => 100 + i);
  pruneKernels(folder);
  const left = readdirSync(place);
  expect(left).toHaveLength(1500);
  expect(left).toEqual(expect.arrayContaining(['libk0.so', 'k0.cpp', 'libk749.so', 'k749.cpp']));
  expect(left).not.toContain('libk750.so');
});

it('leaves as many as there may be, and those of the last hour', () => {
  const few = kernels(MOST_KERNELS, (i) => 100 + i);
  pruneKernels(few.folder);
  expect(readdirSync(few.place)).toHaveLength(2 * MOST_KERNELS);
  const recent = kernels(MOST_KERNELS + 50, (i) => (i < 40 ? 100 : 30));
  pruneKernels(recent.folder);
  expect(readdirSync(recent.place)).toHaveLength(2 * (MOST_KERNELS + 10));
});

it('counts the kernels of all versions of MLX, and what was used lately by its use', () => {
  const { folder, place } = kernels(MOST_KERNELS, () => 100);
  const older = join(folder, 'mlx', '0.31.0', 'cpu');
  mkdirSync(older, { recursive: true });
  writeFileSync(join(older, 'libold.so'), '');
  utimesSync(join(older, 'libold.so'), Date.now() / 1000, 1);
  writeFileSync(join(older, 'libgone.so'), '');
  utimesSync(join(older, 'libgone.so'), 1, 1);
  pruneKernels(folder);
  expect(readdirSync(older)).toEqual(['libold.so']);
  expect(readdirSync(place).length).toBeLessThan(2 * MOST_KERNELS);
});

it('removes precompiled headers that were not used for a month', () => {
  const { folder } = kernels(2, () => 100);
  const now = Date.now() / 1000;
  const day = 24 * 3600;
  const header = (name: string, used: number, made: number) => {
    const place = join(folder, 'mlx', '0.32.2', 'headers', name, 'mlx', 'backend', 'cpu');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'compiled_preamble.h.gch'), '');
    utimesSync(join(place, 'compiled_preamble.h.gch'), used, made);
    return place;
  };
  const [unused, used, fresh] = [
    header('unused', now - 31 * day, now - 31 * day),
    header('used', now - 2 * day, now - 60 * day),
    header('fresh', now, now),
  ];
  pruneKernels(folder);
  expect([unused, used, fresh].map((place) => readdirSync(place).length)).toEqual([0, 1, 1]);
});

it('makes nothing of a folder that is not there, or empty', () => {
  pruneKernels(join(tmpdir(), 'mlx-router-no-such-folder'));
  const { folder } = kernels(0, () => 0);
  pruneKernels(folder);
  expect(readdirSync(folder)).toEqual(['mlx']);
});
