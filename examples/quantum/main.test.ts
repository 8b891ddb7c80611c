import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { FOLDER } from './folders.ts';
import { hasQulacs } from './peers.ts';

/** Lets Node run a program of the checkout from its source. */
const LOADER = new URL('../../foundation/from-source/register.mjs', import.meta.url).href;

/** Ends by itself, or the hang guard ends it and fails the test. */
function quantum(args: readonly string[]) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  return execa(process.execPath, ['--import', LOADER, main, ...args], { reject: false, timeout: 240_000 });
}

test('checks, finds a ground state, times every way, and writes a page', async () => {
  const short = ['--qubits', '3,5', '--rounds', '2', '--spins', '2', '--steps', '60', '--shots', '100'];
  const { exitCode, stdout, stderr } = await quantum(short);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('✗');
  expect(stdout.match(/✓/g)).toHaveLength(hasQulacs() ? 8 : 7);
  for (const side of ['native', 'Python pool', 'Python by itself']) {
    expect(stdout).toMatch(new RegExp(`5 qubits +${side}, compiled( +[\\d.]+){4} +[\\d.]+ ×`));
  }
  expect(stdout).toMatch(/3 qubits: (native|Python|Qulacs).+times as long\./);
  const page = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  expect(page.match(/<svg/g)).toHaveLength(10);
  expect(page).toContain('<caption>5 qubits</caption>');
  expect(exitCode).toBe(0);
});

test.each([
  [['--qubits', '40'], '--qubits: expected an integer from 2 to 24, received "40"'],
  [['--qubits', '5,5'], '--qubits: expected each number once, received "5,5"'],
  [['--shots', '0'], '--shots: expected an integer from 1 to 1000000, received "0"'],
  [['--rounds', 'many'], '--rounds: expected an integer from 1 to 1000, received "many"'],
  [['--nothing'], "Unknown option '--nothing'"],
])('a wrong option is named: %j', async (args, message) => {
  const { exitCode, stderr } = await quantum(args);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});
