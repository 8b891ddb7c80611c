import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pruneKernels } from '../../runtime/kernel-pruning.ts';
import { askChild } from '../support/children.ts';

const isKnown = process.platform === 'linux' && process.arch === 'x64';
const root = mkdtempSync(join(tmpdir(), 'mlx-router-at-once-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** An empty cache, and a compiler around which a script does more. */
function cacheWith(name: string, before: string, after: string) {
  const cache = join(root, name);
  const bin = join(cache, 'bin');
  mkdirSync(bin, { recursive: true });
  const real = execFileSync('which', ['g++'], { encoding: 'utf8' }).trim();
  // The last word but one of those before `2>&1` is `-o`, the last one the library.
  const script = `#!/bin/sh\nfor last; do :; done\n${before}\n${real} "$@"; status=$?\n${after}\nexit $status\n`;
  writeFileSync(join(bin, 'g++'), script, { mode: 0o755 });
  const kernels = join(cache, 'mlx-router', 'mlx');
  return {
    kernels,
    environment: { PATH: `${bin}:${process.env['PATH']}`, XDG_CACHE_HOME: cache },
    /** What is neither a kernel nor its source. */
    others: () =>
      readdirSync(kernels, { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.parentPath.endsWith('cpu') && !/\.(cpp|so)$/.test(entry.name),
      ),
  };
}

const KERNEL = `
  mx.setDefaultDevice(mx.cpu);
  const x = mx.arange(-4, 4, 0.125);
  const fused = (number) => mx.compile((x) => mx.exp(x).multiply(x).add(number))(x);
  const same = (number) => mx.arrayEqual(fused(number), mx.exp(x).multiply(x).add(number)).item();
`;

describe.runIf(isKnown)('kernels that several processes make at the same time', () => {
  it('are loaded when they are complete', async () => {
    // A compiler whose library is there for half a second before it has anything in it.
    const cache = cacheWith('slow', 'case "$last" in *.so) : > "$last"; sleep 0.5;; esac', '');
    const late = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;
    const children = [0, 200, 400, 600].map((ms) =>
      askChild(`${late(ms)} ${KERNEL} report(same(3));`, cache.environment),
    );
    expect(await Promise.all(children)).toEqual([true, true, true, true]);
    expect(cache.others()).toEqual([]);
  });

  it('are made of a whole source, though another process is about to write it', async () => {
    // Whoever calls the compiler finds the sources empty, for a tenth of a second.
    const vandal = `for source in "$XDG_CACHE_HOME"/mlx-router/mlx/*/cpu/*.cpp; do
        cp "$source" "$source.kept" && : > "$source"
        (sleep 0.1; cp "$source.kept" "$source"; rm -f "$source.kept") > /dev/null 2>&1 &
      done`;
    const cache = cacheWith('source', vandal, '');
    expect(await askChild(`${KERNEL} report([same(3), same(4)]);`, cache.environment)).toEqual([true, true]);
  });

  it('leave nothing behind when the compiler fails', async () => {
    const cache = cacheWith('failing', 'case "$last" in *.so) exit 1;; esac', '');
    const body = `${KERNEL} try { report(same(3)); } catch (error) { report(error.code); }`;
    expect(await askChild(body, cache.environment)).toBe('ERR_MLX_OPERATION');
    expect(cache.others()).toEqual([]);
  });

  it('what a killed process left of them is removed later', () => {
    const place = join(root, 'left', 'mlx', '0.0.0', 'cpu');
    const [old, recent] = [join(place, '123-aB3dEf'), join(place, '124-xY_9z0')];
    for (const folder of [old, recent]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'kernel.cpp'), '');
    }
    const longAgo = Date.now() / 1000 - 2 * 3600;
    utimesSync(old, longAgo, longAgo);
    pruneKernels(join(root, 'left'));
    expect(readdirSync(place)).toEqual(['124-xY_9z0']);
  });
});
