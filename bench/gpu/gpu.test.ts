import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { measureRows } from '../measure.ts';
import { keepKind } from './fat-binaries.ts';
import { GPU_ROWS } from './rows.ts';
import { SIZES_VARIABLE, TINY } from './sizes.ts';

const worker = new URL('../python/workloads/gpu.py', import.meta.url);

afterEach(() => vi.restoreAllMocks());

/** A fat binary with the kernels of these kinds of GPU, four bytes each. */
function fatBinary(kinds: readonly number[]): Buffer {
  const entries = kinds.map((kind) => {
    const entry = Buffer.alloc(64 + 4, 0);
    entry.writeUInt32LE(64, 4);
    entry.writeBigUInt64LE(4n, 8);
    entry.writeUInt32LE(kind, 28);
    entry.fill(kind, 64);
    return entry;
  });
  const body = Buffer.concat(entries);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(0xba55ed50, 0);
  header.writeUInt16LE(1, 4);
  header.writeUInt16LE(16, 6);
  header.writeBigUInt64LE(BigInt(body.length), 8);
  return Buffer.concat([Buffer.from('code'), header, body, Buffer.from('data')]);
}

describe('a library for several kinds of GPU', () => {
  it('keeps the kernels of one, and all else', () => {
    const library = fatBinary([80, 90, 120]);
    const expected = Buffer.from(library);
    expected.fill(0, 4 + 16 + 64, 4 + 16 + 68);
    expected.fill(0, 4 + 16 + 2 * 68 + 64, 4 + 16 + 3 * 68);
    expect(keepKind(library, 90)).toBe(4);
    expect(library.equals(expected)).toBe(true);
  });

  it('has to have some', () => {
    expect(() => keepKind(fatBinary([80]), 90)).toThrow('no kernels for GPUs of the kind 90');
  });
});

describe('the rows for a GPU', () => {
  const rows = GPU_ROWS.filter(({ suite }) => suite === 'gpu').map((row) => ({ ...row, count: 1 }));

  it('are there on the Python side', () => {
    expect(existsSync(worker)).toBe(true);
    const text = readFileSync(worker, 'utf8');
    for (const { name } of rows) expect(text).toContain(`"${name}":`);
  });

  it('come to the same on both sides', { timeout: 120_000 }, async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    const measurements = await measureRows(rows, 1, { env: { [SIZES_VARIABLE]: JSON.stringify(TINY) } });
    const different = measurements.filter(
      ({ python, recommendation }) => python === null || recommendation.startsWith('answers differ'),
    );
    expect(different).toEqual([]);
    expect(measurements).toHaveLength(rows.length);
  });
});
