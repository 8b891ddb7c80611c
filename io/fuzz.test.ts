import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../foundation/from-source/options.ts';

const CHILD = fileURLToPath(new URL('test-support/fuzz-child.ts', import.meta.url));
const MUTATIONS = 2000;
const folder = mkdtempSync(join(tmpdir(), 'mlx-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['npy', 'npz', 'safetensors', 'gguf'])('damaged %s files', (format) => {
  it.each([11, 12])('load or are refused, from the seed %i', async (seed) => {
    const args = [...SOURCE_OPTIONS, CHILD, format, String(MUTATIONS / 2), String(seed), folder];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 110_000 });
    const { loaded, refused, others, crowded } = JSON.parse(stdout);
    expect(others).toEqual([]);
    expect(loaded + refused).toBe(MUTATIONS / 2);
    // Both happen, or the mutations test nothing.
    expect(Math.min(loaded, refused)).toBeGreaterThan(20);
    // In KiB: files of a few hundred bytes never need a huge allocation.
    expect(crowded).toBeLessThan(600 * 1024);
  });
});
