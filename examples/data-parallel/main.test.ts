import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

function launch(count: number, ...args: string[]) {
  const options = ['launch', '-n', String(count), '--backend', 'ring', main, ...args];
  return execa(process.execPath, ['--import', 'tsx', cli, ...options], { reject: false });
}

test('two processes end with the weights of one', async () => {
  const { exitCode, stdout, stderr } = await launch(2, '--epochs', '3');
  const [title, ...lines] = stdout.split('\n');
  expect(title).toMatch(/^\[0\] 2 processes, 32 of 64 digits each; [\d.]+ s$/);
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^\[0\] ✓ /);
  // Not because nothing was divided: then there would be no difference at all.
  expect(lines[1]).toMatch(/but for [1-9]\.\de-\d, at most 0\.00001$/);
  expect({ exitCode, stderr: stderr.replace(/^\[\d\] \[ring\].*\n?/gm, '') }).toEqual({ exitCode: 0, stderr: '' });
});

test('a batch that cannot be divided is refused', async () => {
  const { exitCode, stderr } = await launch(3);
  expect(stderr).toContain('-n: expected a number of processes that divides 64, received 3');
  // All refuse it, or hear that another one has.
  expect([1, 2]).toContain(exitCode);
});
