import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

/** Lets Node run a program of the checkout from its source. */
const LOADER = new URL('../../foundation/from-source/register.mjs', import.meta.url).href;

/** Ends by itself, or the hang guard ends it and fails the test. */
function digits(args: readonly string[], env: Record<string, string> = {}) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  return execa(process.execPath, ['--import', LOADER, main, ...args], { env, reject: false, timeout: 60_000 });
}

const SLOW = 600_000;
const CHECKPOINT = fileURLToPath(new URL('../../build/digits/checkpoint.safetensors', import.meta.url));

test('the whole example reads well enough on both backends', { timeout: SLOW }, async () => {
  const { exitCode, stdout, stderr } = await digits(['--seed', '4']);
  expect(stderr).toBe('');
  expect(stdout.match(/✓/g)).toHaveLength(3);
  expect(stdout).toMatch(/model +DigitNet\(\n +\(conv1\): Conv2d\(1, 8, /);
  expect(stdout).toMatch(/digits\.deskew +1 +python +unported/);
  expect(stdout).toMatch(/softmax +1 +python +forced/);
  expect(stdout).toContain('index.html');
  expect(exitCode).toBe(0);
});

test('without Python its step is skipped, and it says why', { timeout: SLOW }, async () => {
  const { exitCode, stdout } = await digits(['--no-page'], { MLX_ROUTER_PYTHON: '/nonexistent/python' });
  expect(stdout).toMatch(/deskew +Skipped, .*no Python was found/);
  expect(stdout.match(/✓/g)).toHaveLength(1);
  expect(exitCode).toBe(0);
});

test('without the addon everything runs in Python', { timeout: SLOW }, async () => {
  const { exitCode, stdout } = await digits(['--no-page', '--epochs', '5'], { MLX_ROUTER_ADDON: 'off' });
  expect(stdout).toMatch(/conv2d +[\d,]+ +python +native-unavailable/);
  expect(stdout).not.toMatch(/ native +ported/);
  expect(exitCode).toBe(0);
});

test('with neither, one line says so', { timeout: SLOW }, async () => {
  const { exitCode, stderr } = await digits([], { MLX_ROUTER_ADDON: 'off', MLX_ROUTER_PYTHON: '/nonexistent/python' });
  expect(stderr).toMatch(/^ERR_MLX_BACKEND_UNAVAILABLE: [^\n]*$/);
  expect(exitCode).toBe(1);
});

test('stopped and resumed it ends with the same bits', { timeout: SLOW }, async () => {
  const end = async (...runs: string[][]) => {
    for (const args of runs) {
      const { exitCode, stderr } = await digits([...args, '--no-page']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    }
    return readFileSync(CHECKPOINT);
  };
  const atOnce = await end(['--epochs', '4']);
  const stopped = await end(['--epochs', '4', '--stop-after', '2']);
  expect(stopped.equals(atOnce)).toBe(false);
  const resumed = await end(['--resume']);
  expect(resumed.equals(atOnce)).toBe(true);
});

test('what is no checkpoint is no stack', { timeout: SLOW }, async () => {
  const resume = async () => {
    const { exitCode, stderr } = await digits(['--resume', '--no-page']);
    expect(exitCode).toBe(1);
    return stderr;
  };
  rmSync(CHECKPOINT, { force: true });
  expect(await resume()).toMatch(/^there is no checkpoint build.digits.checkpoint\.safetensors: [^\n]*$/);
  writeFileSync(CHECKPOINT, 'half a che');
  expect(await resume()).toMatch(/^ERR_MLX_FILE: [^\n]*checkpoint\.safetensors[^\n]*$/);
});

test('too little training fails', { timeout: SLOW }, async () => {
  const { exitCode, stdout } = await digits(['--no-page', '--epochs', '1']);
  expect(stdout).toContain('LESS THAN 97 %');
  expect(exitCode).toBe(1);
});

test('a reader that goes early ends it without a word', { timeout: SLOW }, async () => {
  const example = digits(['--no-page']);
  example.stdout?.once('data', () => example.stdout?.destroy());
  const { exitCode, stderr } = await example;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('a wrong option is named, with the usage', { timeout: SLOW }, async () => {
  const { exitCode, stderr } = await digits(['--epochs', 'many']);
  expect(stderr).toContain('--epochs: expected an integer from 1 to 1000, received "many"');
  expect(stderr).toContain('Usage:');
  expect(exitCode).toBe(2);
});
