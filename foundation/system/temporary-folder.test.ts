import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../from-source/options.ts';
import { makeTemporaryFolder, removeTemporaryFolder, sweepOnce } from './temporary-folder.ts';

const parents: string[] = [];
afterAll(() => {
  for (const parent of parents) rmSync(parent, { recursive: true, force: true });
});

function newParent(): string {
  const parent = mkdtempSync(join(tmpdir(), 'temporary-folder-'));
  parents.push(parent);
  return parent;
}

const left = (parent: string) => readdirSync(parent).sort();

/** Makes a folder in a process of its own, which then runs the code; resolves when that has ended. */
async function made(parent: string, code: string): Promise<void> {
  const file = new URL('./temporary-folder.ts', import.meta.url).href;
  const program = `import { makeTemporaryFolder } from ${JSON.stringify(file)};
    makeTemporaryFolder(${JSON.stringify(parent)}); ${code}`;
  const args = [...SOURCE_OPTIONS, '--input-type=module', '-e', program];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  await new Promise((resolve) => child.once('close', resolve));
}

it("is this user's alone, and is removed on demand", () => {
  const parent = newParent();
  const folder = makeTemporaryFolder(parent);
  writeFileSync(join(folder, 'file'), '');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  removeTemporaryFolder(folder);
  removeTemporaryFolder(folder);
  expect(left(parent)).toEqual([]);
});

it('goes with its process, and after a kill with the next process that looks', async () => {
  const parent = newParent();
  await made(parent, 'process.exit(0)');
  expect(left(parent)).toEqual([]);
  await made(parent, "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)");
  expect(left(parent)).toHaveLength(1);
  const own = makeTemporaryFolder(parent);
  sweepOnce(parent);
  expect(left(parent)).toEqual([own.slice(parent.length + 1)]);
  removeTemporaryFolder(own);
});

it.runIf(process.platform === 'linux')(
  'is removed only where the process that made it has certainly exited',
  async () => {
    const parent = newParent();
    await made(parent, "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)");
    const [dead = ''] = left(parent);
    const [, , space, pid] = dead.split('-');
    const living = makeTemporaryFolder(parent);
    const began = living.split('-').at(-2);
    const kept = [
      living.slice(parent.length + 1),
      // Of another computer or container; of an unknown process; the folder of kernels; a file; a link.
      `mlx-router-00000000-${pid}-1-abcdef`,
      'mlx-router-export-abcdef',
      `mlx-router-${process.getuid?.()}`,
    ];
    for (const name of kept.slice(1)) mkdirSync(join(parent, name));
    const outside = newParent();
    writeFileSync(join(outside, 'precious'), '');
    const file = `mlx-router-${space}-${pid}-2-abcdef`;
    const link = `mlx-router-${space}-${pid}-3-abcdef`;
    writeFileSync(join(parent, file), '');
    symlinkSync(outside, join(parent, link));
    // The number is this process's, which began at another time: the process that made it has exited.
    mkdirSync(join(parent, `mlx-router-${space}-${process.pid}-${Number(began) - 1}-abcdef`));
    sweepOnce(parent);
    expect(left(parent)).toEqual([...kept, file, link].sort());
    expect(existsSync(join(outside, 'precious'))).toBe(true);
    // Once is enough for one process.
    mkdirSync(join(parent, dead));
    sweepOnce(parent);
    expect(left(parent)).toContain(dead);
    removeTemporaryFolder(living);
  },
);
