import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { locatePython } from '../workers/locate.ts';
import { residentBytes } from './resident.ts';

const MIB = 2 ** 20;

/** Python that fills so much memory and then says so. */
async function filled(fill: string): Promise<number> {
  const child = spawn(locatePython(undefined).python as string, [
    '-c',
    `${fill}\nprint('filled', flush=True)\ninput()`,
  ]);
  try {
    await once(child.stdout, 'data');
    return await residentBytes(child.pid as number);
  } finally {
    child.kill('SIGKILL');
  }
}

const mapped = (folder: string): string => `
import mmap, tempfile
file = tempfile.TemporaryFile(dir=${JSON.stringify(folder)})
file.truncate(${64 * MIB})
memory = mmap.mmap(file.fileno(), ${64 * MIB})
for at in range(0, ${64 * MIB}, 4096):
    memory[at] = 1`;

describe.skipIf(process.platform !== 'linux')('the memory of a process', () => {
  it('is what it alone has', async () => {
    expect(await filled(`own = bytes([1]) * ${64 * MIB}`)).toBeGreaterThan(64 * MIB);
  });

  it.each([tmpdir(), '/dev/shm'].filter(existsSync))('leaves out what is mapped from %s', async (folder) => {
    const own = await filled(mapped(folder));
    expect(own).toBeGreaterThan(MIB);
    expect(own).toBeLessThan(48 * MIB);
  });

  it('of none is 0', async () => {
    expect(await residentBytes(2 ** 30)).toBe(0);
  });
});
