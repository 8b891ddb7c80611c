import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { SITE } from './folders.ts';

/** Lets Node run a program of the checkout from its source. */
const LOADER = new URL('../../foundation/from-source/register.mjs', import.meta.url).href;

/** Ends by itself, or the hang guard ends it and fails the test. */
function pipeline(args: readonly string[]) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  return execa(process.execPath, ['--import', LOADER, main, ...args], { reject: false, timeout: 90_000 });
}

const INSTALLED = existsSync(join(SITE, 'gudhi'));
const SMALL = ['--clouds', '30', '--batch', '8', '--workers', '2'];

test('the pieces of every cloud are counted, with the same result in every way', async () => {
  const { exitCode, stdout, stderr } = await pipeline([...SMALL, '--stage', 'pieces']);
  expect(stderr).toBe('');
  expect(stdout.match(/✓/g)).toHaveLength(2);
  expect(stdout).toMatch(/one by one +1 +\d+ +1\.0 ×/);
  expect(stdout).toMatch(/in batches +2 +\d+ +[\d.]+ ×/);
  expect(exitCode).toBe(0);
});

test.skipIf(!INSTALLED)(
  'so are the loops, where GUDHI is installed (scripts/install-extra.ts topology hybrid-pipeline)',
  async () => {
    const { exitCode, stdout } = await pipeline([...SMALL, '--stage', 'loops']);
    expect(stdout.match(/✓/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
  },
);

test.skipIf(INSTALLED)('without GUDHI the stage that needs it says so', async () => {
  const { exitCode, stderr } = await pipeline([...SMALL, '--stage', 'loops']);
  expect(stderr).toContain("No module named 'gudhi'");
  expect(exitCode).toBe(1);
});

test('a wrong option is named', async () => {
  const { exitCode, stderr } = await pipeline(['--clouds', '0']);
  expect(stderr).toContain('--clouds: expected an integer from 1 to 100000, received "0"');
  expect(exitCode).toBe(2);
});
