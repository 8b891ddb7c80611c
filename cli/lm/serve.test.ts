import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { afterAll, expect, it } from 'vitest';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-cli-serve-'));
let child: ChildProcess | undefined;
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

it('answers until it is told to end, and lets the answer that runs come to its end', async () => {
  const model = join(folder, 'tiny');
  writeTinyModel(model);
  const args = ['--import', 'tsx', 'cli/main.ts', 'serve', '--model', model, '--port', '0', '--json'];
  const started = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, MLX_ROUTER_SERVE_TOKEN: 'sesame' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let stderr = '';
  started.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    started.once('close', resolve);
  });
  let stdout = '';
  for await (const chunk of started.stdout) {
    stdout += chunk;
    if (stdout.includes('}')) break;
  }
  expect(stdout, stderr).toContain('"model": "tiny"');
  const { url } = JSON.parse(stdout) as { url: string };
  await expect(fetch(`${url}/v1/models`)).resolves.toMatchObject({ status: 401 });
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sesame', maxRetries: 0 });
  const body = {
    model: 'tiny',
    prompt: 'abc',
    max_tokens: 60,
    logit_bias: { 258: -100 },
    stream: true,
    logprobs: 0,
  } as const;
  let tokens = 0;
  let finish: string | null = null;
  for await (const { choices } of await client.completions.create(body)) {
    if (tokens++ === 0) started.kill('SIGTERM');
    finish = choices[0]?.finish_reason ?? finish;
  }
  expect({ tokens, finish }).toEqual({ tokens: 60, finish: 'length' });
  expect(await ended).toBe(0);
  expect(stderr).toContain('closing');
});
