import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atLeast, findCargo, findCmake, findCompiler, findPython } from './tools.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
  vi.stubEnv('PATH', folder);
  for (const name of ['PYTHON', 'CXX', 'RUSTUP_HOME', 'CMAKE_GENERATOR']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function program(name, script) {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

test.each([
  ['20.17.0', '20.17', true],
  ['22', '20.17', true],
  ['20.9.0', '20.17', false],
  ['3.9.18', '3.10', false],
])('%s is at least %s: %s', (version, minimum, expected) => {
  expect(atLeast(version, minimum)).toBe(expected);
});

test.each([
  ['Python', findPython],
  ['cmake', findCmake],
  ['C\\+\\+20 compiler', findCompiler],
  ['cargo', findCargo],
])('a missing %s is named with the way to get it', async (name, find) => {
  const failure = await find().catch((error) => error);
  expect(failure.message).toMatch(new RegExp(`${name}.* not found`));
  expect(failure.repair).toMatch(/install/);
});

test('an old Python is refused with its version', async () => {
  program('python3', 'echo Python 3.8.10');
  await expect(findPython()).rejects.toThrow(/python3 is 3\.8\.10/);
});

test('a Python without venv is recognised', async () => {
  program('python3', '[ "$1" = --version ] && echo Python 3.11.2 || exit 1');
  const failure = await findPython().catch((error) => error);
  expect(failure.message).toMatch(/cannot make virtual environments/);
});

test('cmake without make or ninja is not enough', async () => {
  program('cmake', 'echo cmake version 3.25.1');
  await expect(findCmake()).rejects.toThrow(/make \(or ninja\)/);
  program('ninja', 'true');
  expect(await findCmake()).toEqual({ version: '3.25.1' });
});

test('a compiler that does not take C++20 is refused', async () => {
  program('c++', 'exit 1');
  await expect(findCompiler()).rejects.toThrow(/does not take C\+\+20/);
});

test("rustup's cargo gets the place of its toolchains when HOME is another one", async () => {
  mkdirSync(join(folder, '.cargo', 'bin'), { recursive: true });
  mkdirSync(join(folder, '.rustup'));
  program('.cargo/bin/cargo', '[ -n "$RUSTUP_HOME" ] && echo cargo 1.95.0 || exit 1');
  vi.stubEnv('PATH', join(folder, '.cargo', 'bin'));
  const { version, env } = await findCargo();
  expect(version).toBe('1.95.0');
  expect(env.RUSTUP_HOME).toContain('.rustup');
});
