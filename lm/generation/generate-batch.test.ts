import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import type { LanguageModel } from '../language-model.ts';
import { load } from '../load.ts';
import { writeTinyModel } from '../test-support/tiny-model.ts';

const root = mkdtempSync(join(tmpdir(), 'mlx-router-batch-'));
let model: LanguageModel;

beforeAll(async () => {
  writeTinyModel(root);
  model = await load(root);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('batches', () => {
  const prompts = ['Once upon a time', 'a', [70, 71, 72], [{ role: 'user', content: 'Hello' }]];

  it('have the answers that each prompt has alone', async () => {
    const answers = await model.generateBatch(prompts, { maxTokens: 10, logprobs: 1 });
    for (const [index, prompt] of prompts.entries()) {
      const alone = await model.generate(prompt, { maxTokens: 10, logprobs: 1 });
      expect(answers[index]).toMatchObject({
        text: alone.text,
        tokens: alone.tokens,
        finishReason: alone.finishReason,
        statistics: { promptTokens: alone.statistics.promptTokens, generatedTokens: alone.tokens.length },
      });
      alone.logprobs?.forEach((value, at) => {
        expect(answers[index]?.logprobs?.[at]).toBeCloseTo(value, 4);
      });
    }
  });

  it('end each answer by its own number, texts and tokens, also if few are computed at a time', async () => {
    const [first, second] = await model.generateBatch(['abc', 'x'], { maxTokens: [3, 7], maxBatch: 1 });
    expect([first?.tokens.length, second?.tokens.length]).toEqual([3, 7]);
    const [whole] = await model.generateBatch(['abc'], { maxTokens: 12 });
    const stop = whole?.text.slice(3, 5) as string;
    const stopped = await model.generateBatch(['abc', 'abc'], { maxTokens: 12, stop });
    for (const { text, finishReason } of stopped) {
      expect(finishReason).toBe('stop');
      expect(whole?.text.startsWith(text) && !text.includes(stop)).toBe(true);
    }
    const options = { maxTokens: 8, temperature: 1.2, seed: 5 };
    const tokens = (answers: readonly { tokens: readonly number[] }[]) => answers.map((answer) => answer.tokens);
    expect(tokens(await model.generateBatch(['a', 'b'], options))).toEqual(
      tokens(await model.generateBatch(['a', 'b'], options)),
    );
  });

  it.each([
    [[], {}, 'expected a list of prompts, received an empty one'],
    ['text', {}, 'expected a list of prompts, received the string "text"'],
    [['a', ''], {}, 'a prompt of at least one token'],
    [['a'], { maxTokens: [1, 2] }, 'expected one "maxTokens" for each of 1 prompts, received 2'],
    [['a'], { maxTokens: [0] }, 'a whole number of at least 1 for "maxTokens"'],
    [['a'], { maxBatch: 0 }, 'a whole number of at least 1 for "maxBatch"'],
    [['a'], { cache: {} }, '"cache" is of one answer alone'],
    [['a'], { onPrefill: () => undefined }, '"onPrefill" is of one answer alone'],
    [['a'], { temperature: -1 }, '"temperature"'],
    [['a'], { maxTokns: 3 }, 'did you mean "maxTokens"'],
  ])('refuse %j with %j', async (wrong, options, message) => {
    await expect(model.generateBatch(wrong as never, options as never)).rejects.toThrow(ArgumentError);
    await expect(model.generateBatch(wrong as never, options as never)).rejects.toThrow(message);
  });

  it('end with the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = model.generateBatch(['a', 'b'], { maxTokens: 400, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    await expect(running).rejects.toBe(reason);
  });
});
