import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { float32 } from '../../../foundation/values/dtypes.ts';
import { ADD, backend, run } from '../../test-support/backends.ts';
import { Segment } from './segment.ts';

const SHARED = '/dev/shm';
const here = existsFolder(SHARED);
const folders: string[] = [];

function existsFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function ownFolder(inside: string): string {
  const folder = mkdtempSync(join(inside, 'arena-test-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Values that differ everywhere, so that bytes in the wrong place are seen. */
function values(count: number, seed = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => i + seed);
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

const MIB = 2 ** 18;

describe.skipIf(!here)('shared memory, which this system has', () => {
  it('transfers large tensors both ways, small ones go through the pipe', () => {
    const made = backend({ sharedMemoryFolder: ownFolder(SHARED) });
    const small = made.create(bytesOf(values(8)), [8], float32);
    expect(made.stats().sharedBytes).toBe(0);
    const data = values(3 * MIB);
    const before = made.stats().bytesSent;
    const large = made.create(bytesOf(data), [3, MIB], float32);
    expect(made.stats().sharedBytes).toBe(64 * 2 ** 20);
    expect(made.stats().bytesSent - before).toBeLessThan(10_000);
    const received = made.stats().bytesReceived;
    expect(Buffer.compare(made.read(large), bytesOf(data))).toBe(0);
    expect(made.stats().bytesReceived - received).toBeLessThan(10_000);
    expect(made.read(small)).toHaveLength(32);
  });

  it('leaves no name behind, and is private', () => {
    const folder = ownFolder(SHARED);
    const made = backend({ sharedMemoryFolder: folder });
    made.create(bytesOf(values(MIB)), [MIB], float32);
    expect(readdirSync(folder)).toEqual([]);
    const segment = new Segment(folder, 4096);
    expect(statSync(segment.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(segment.path, '../..')).mode & 0o777).toBe(0o700);
    segment.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('reads many tensors at once without mixing them up', async () => {
    const made = backend({ sharedMemoryFolder: ownFolder(SHARED) });
    const all = Array.from({ length: 24 }, (_, i) => values(2 * MIB, 1000 * i));
    const handles = all.map((data) => made.create(bytesOf(data), [data.length], float32));
    // More than one segment holds, so some of them go through the pipe.
    const read = await Promise.all([...handles, ...handles].map((handle) => made.readAsync(handle)));
    for (const [i, bytes] of read.entries()) {
      expect(Buffer.compare(bytes, bytesOf(all[i % all.length] as Float32Array))).toBe(0);
    }
  });

  it('grows for what is larger, up to its limit', () => {
    const made = backend({ sharedMemoryFolder: ownFolder(SHARED), sharedMemoryBytes: 128 * 2 ** 20 });
    const sizeAfter = (mebibytes: number): number => {
      const data = new Float32Array(mebibytes * MIB).fill(mebibytes);
      const handle = made.create(bytesOf(data), [data.length], float32);
      expect(Buffer.compare(made.read(handle), bytesOf(data))).toBe(0);
      made.free(handle);
      return made.stats().sharedBytes / 2 ** 20;
    };
    expect([sizeAfter(1), sizeAfter(80), sizeAfter(140)]).toEqual([64, 128, 128]);
  });

  it('goes with its worker, and the next one has its own', () => {
    const made = backend({ sharedMemoryFolder: ownFolder(SHARED), recovery: false });
    const data = values(MIB);
    made.create(bytesOf(data), [data.length], float32);
    const { pid } = made.events.find(({ type }) => type === 'started') as { pid: number };
    process.kill(pid, 'SIGKILL');
    const deadline = Date.now() + 20_000;
    while (made.stats().sharedBytes > 0 && Date.now() < deadline) {
      try {
        run(made, ADD, made.create(bytesOf(values(1)), [1], float32), made.create(bytesOf(values(1)), [1], float32));
      } catch {
        // The one that exited.
      }
    }
    expect(made.stats().sharedBytes).toBe(0);
    const again = made.create(bytesOf(data), [data.length], float32);
    expect(made.stats().sharedBytes).toBeGreaterThan(0);
    expect(Buffer.compare(made.read(again), bytesOf(data))).toBe(0);
  });

  it('gives way to the pipe where a worker cannot have it', () => {
    const folder = ownFolder(tmpdir());
    const python = join(folder, 'python');
    const interpreter = backend().status(false).details['python'];
    // A limit on the size of files stands for a container with next to no shared memory.
    writeFileSync(python, `#!/bin/bash\nulimit -f 512\nexec ${interpreter} "$@"\n`);
    chmodSync(python, 0o755);
    const made = backend({ sharedMemoryFolder: ownFolder(SHARED), pythonPath: python });
    const data = values(2 * MIB);
    const handle = made.create(bytesOf(data), [data.length], float32);
    expect(Buffer.compare(made.read(handle), bytesOf(data))).toBe(0);
    expect(made.stats().sharedBytes).toBe(0);
    expect(made.status(false).details['shared memory']).toMatch(
      /^none, .*through the pipe: cannot have 67108864 bytes/,
    );
  });
});

describe('without shared memory', () => {
  it.each([
    [{ sharedMemoryFolder: '/nowhere/at/all' }, /^none, large tensors go through the pipe: .*ENOENT/],
    [{ sharedMemoryBytes: 0 }, /^off by configuration/],
  ])('large tensors go through the pipe: %o', (options, reason) => {
    const made = backend(options);
    const data = values(MIB);
    const handle = made.create(bytesOf(data), [data.length], float32);
    expect(Buffer.compare(made.read(handle), bytesOf(data))).toBe(0);
    expect(made.stats().sharedBytes).toBe(0);
    expect(made.status(false).details['shared memory']).toMatch(reason);
  });
});
