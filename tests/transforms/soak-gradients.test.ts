import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';

const script = fileURLToPath(new URL('../../bench/soak/gradients.ts', import.meta.url));

it('2,000 gradient steps leave memory and descriptors as they are', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...SOURCE_OPTIONS, script, '--steps', '2000']);
  const { flat, first, last } = JSON.parse(stdout);
  expect(flat, stdout).toBe(true);
  expect([first.step, last.step]).toEqual([200, 2000]);
});
