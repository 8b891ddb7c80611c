import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileError } from '../../foundation/errors/errors.ts';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { shutdown } from '../../mlx/index.ts';
import { type Command, UsageError } from '../command.ts';
import { captureOutput } from '../test-support/output.ts';
import { cachePrompt } from './cache-prompt.ts';
import { generate } from './generate.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-generate-'));
const model = join(root, 'model');
const file = join(root, 'cache.safetensors');
const output = captureOutput();

beforeAll(() => writeTinyModel(model));
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await shutdown();
});

async function run(command: Command, ...args: string[]) {
  output.stdout = '';
  expect(await command.run(['--model', model, ...args])).toBe(0);
  return args.includes('--json') ? JSON.parse(output.stdout) : output.stdout;
}

describe('generate', () => {
  it('answers as without a draft model, and says how much it guessed', async () => {
    const alone = await run(generate, '--prompt', 'Hello', '-n', '10', '--json');
    const draft = ['--draft-model', model, '--num-draft-tokens', '3'];
    const answer = await run(generate, '--prompt', 'Hello', '-n', '10', ...draft, '--json');
    expect(answer).toMatchObject({ tokens: alone.tokens, statistics: { acceptedDraftTokens: expect.any(Number) } });
    expect(answer.statistics.acceptedDraftTokens).toBeGreaterThan(5);
    await run(generate, '--prompt', 'Hello', '-n', '10', ...draft);
    expect(output.stderr).toMatch(/answer 10 tokens, \d+ of them guessed at/);
  });

  it('goes on from what cache-prompt keeps', async () => {
    const kept = await run(cachePrompt, '--prompt', 'A long document.', '--prompt-cache', file, '--json');
    expect(kept).toEqual({ file, tokens: '<|im_start|>user\n'.length - 11 + 'A long document.'.length });
    const whole = await run(generate, '--prompt', 'A long document. Why?', '-n', '8', '--json');
    const answer = await run(generate, '--prompt', ' Why?', '--prompt-cache', file, '-n', '8', '--json');
    expect(answer.tokens).toEqual(whole.tokens);
    expect(answer.statistics.cachedTokens).toBe(kept.tokens);
  });

  it.each<[Command, string[], string]>([
    [generate, ['--prompt', 'a', '--num-draft-tokens', '2'], '--num-draft-tokens needs --draft-model'],
    [generate, ['--prompt', 'a', '--draft-model', 'x', '--num-draft-tokens', 'many'], '--num-draft-tokens'],
    [generate, ['--prompt', 'a', '--system', 'b', '--prompt-cache', file], '--system is part of what'],
    [cachePrompt, ['--prompt', 'a'], '--prompt-cache FILE is needed'],
    [cachePrompt, ['--prompt-cache', file], '--prompt TEXT is needed'],
  ])('refuses what does not go together', async (command, args, message) => {
    await expect(command.run(['--model', model, ...args])).rejects.toThrow(UsageError);
    await expect(command.run(['--model', model, ...args])).rejects.toThrow(message);
  });

  it('refuses a cache that is not there', async () => {
    const args = ['--model', model, '--prompt', 'a', '--prompt-cache', join(root, 'absent')];
    await expect(generate.run(args)).rejects.toThrow(FileError);
  });
});
